namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>One thing that happens.</summary>
/// <param name="Which">Of the tables or pipelines that it can happen to.</param>
/// <param name="Size">Rows, versions back, or five days each.</param>
/// <param name="Meanwhile">Of a run: what happens between its plan and its commit.</param>
public sealed record Act(ActKind Kind, int Which, int Size, Act? Meanwhile = null)
{
    public override string ToString() => $"{Kind}({Which}, {Size}{(Meanwhile is null ? "" : $", meanwhile {Meanwhile}")})";
}
