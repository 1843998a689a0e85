using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Changes as ingestion and steps make them, small.</summary>
internal static class Changes
{
    public static readonly TableName Flights = new(TableKind.Dataset, "flights");

    public static readonly IReadOnlyList<TableColumn> Columns = [new("origin", "string", Nullable: false), new("delay", "integer")];

    public static TableChange Append(params string[] files) => new()
    {
        Operation = "WRITE",
        Columns = Columns,
        Add = [.. files.Select(File)],
    };

    public static TableChange AppendBatch(string batch, long since = -1) =>
        Append(DataFiles.NewName(batch, 0)) with { Batches = [Batch(batch)], SinceVersion = since };

    public static TableChange Overwrite(params string[] files) => Append(files) with { RemoveAll = true };

    public static DataFile File(string path) => new(path, 100, DataFile.NoPartition, 1_700_000_000_000, null);

    public static CommittedBatch Batch(string id) => new(
        id, 1, "key:test", null, 1, 10, 9, 1, 0, 0, 1234, new string('a', 64), $"lake/raw/flights/{id}", null, "text/csv",
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
}
