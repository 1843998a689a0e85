namespace DataPlatform.Processing;

/// <summary>A table that a commit's rows were read from, as <c>commitInfo.reads</c> names it.</summary>
/// <param name="After">For <c>new.X</c> the version up to which earlier commits had the rows, -1 for none; null for a table read whole.</param>
internal sealed record RunLineage(string Table, string TableId, long? After, long Version);
