namespace DataPlatform.Tables.Maintenance;

/// <summary>Work that must be done before files take the place of others with the same rows: what lies beside the old ones is carried on.</summary>
/// <param name="CarryAsync">Gets the table at the version that was read, the files that are removed, and those that are added. May be called again
/// for other files when the commit does not land.</param>
public sealed record FilesRewritten(
    Func<Snapshot, IReadOnlyList<DataFile>, IReadOnlyList<DataFile>, CancellationToken, Task> CarryAsync);
