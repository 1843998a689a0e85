namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>A row of any table of the test; what a table has no column for is null.</summary>
public sealed record ModelRow(long? Id, long? V, long? Extra = null, string? Text = null)
{
    public override string ToString() => $"{Id}|{V}|{Extra}|{Text}";
}
