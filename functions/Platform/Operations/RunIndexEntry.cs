namespace DataPlatform.Operations;

/// <summary>One run in one list of the index.</summary>
internal sealed record RunIndexEntry(string Id);
