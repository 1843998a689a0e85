namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>A case: the pipelines that are run, and what happens.</summary>
public sealed record Story(string First, string Second, Act[] Acts)
{
    public override string ToString() => $"{First}, {Second}: {string.Join(", ", Acts.AsEnumerable())}";
}
