using System.Globalization;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using ParquetSharp;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Tables that Spark and delta-rs wrote: each folder with a <c>_delta_log</c> below <c>DATAPLATFORM_REFERENCE_TABLES</c>, such as the test
/// tables of delta-rs. They are read, or refused with the feature's name.</summary>
public sealed class ReferenceTableTests
{
    private const string Variable = "DATAPLATFORM_REFERENCE_TABLES";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reference_tables_are_read_or_refused_by_name()
    {
        var root = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(root), $"Set {Variable} to a folder with tables of other writers.");
        var logs = Directory.EnumerateDirectories(root!, "_delta_log", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(logs);
        List<string> faults = [];
        foreach (var folder in logs.Select(log => Path.GetDirectoryName(log)!))
        {
            await using var bed = new SqlBed();
            string outcome;
            try
            {
                await CopyAsync(folder, bed.Objects);
                outcome = await ReadAsync(bed);
            }
            catch (TerminalException refused) when (refused.Code is "TableFeatureUnsupported" or "UnsupportedType" or "TableFileOutside")
            {
                outcome = $"refused: {refused.Message}";
            }
            catch (Exception fault)
            {
                outcome = $"FAULT: {fault.Message}";
                faults.Add($"{Path.GetFileName(folder)}: {fault}");
            }

            TestContext.Current.TestOutputHelper!.WriteLine($"{Path.GetRelativePath(root!, folder)}: {outcome}");
        }

        Assert.Empty(faults);
    }

    /// <summary>Each table whose log is whole is read twice, by its checkpoint and by its commits, to the same state; and its rows are those of the
    /// files' footers.</summary>
    private static async Task<string> ReadAsync(SqlBed bed)
    {
        var table = new DeltaTables(bed.Objects, TimeProvider.System, NullLoggerFactory.Instance).Get(SqlBed.Table);
        var snapshot = await table.TryGetSnapshotAsync(null, Token);
        if (snapshot is null)
            return "no table";

        var told = await CompareAsync(bed, snapshot);
        var oldest = await table.OldestVersionAsync(Token);
        for (var version = oldest; version <= snapshot.Version; version++)
            await table.TryGetSnapshotAsync(version, Token);
        var missing = snapshot.Files.Count(file => !File.Exists(bed.Objects.TryGetLocalFile(DataFiles.Locate(snapshot.Table, file))));
        if (missing > 0)
            return $"versions {oldest} to {snapshot.Version}, {snapshot.Files.Count} files, {missing} of them not there{told}";

        long rows = 0;
        foreach (var file in snapshot.Files)
        {
            using var reader = new ParquetFileReader(bed.Objects.TryGetLocalFile(DataFiles.Locate(snapshot.Table, file))!);
            using var metadata = reader.FileMetaData;
            rows += metadata.NumRows;
            Assert.True(file.Statistics is null || file.Statistics.Rows == metadata.NumRows, $"{file.Path}: the log has other numbers of rows than the file.");
        }

        if (snapshot.Columns.Count == 0)
            return $"versions {oldest} to {snapshot.Version}, no columns";
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        var counted = (await SqlBed.RowsAsync(session, "SELECT count(*) FROM t"))[0];
        Assert.Equal(rows.ToString(CultureInfo.InvariantCulture), counted);
        await SqlBed.RowsAsync(session, "SELECT * FROM t LIMIT 1000");
        return $"versions {oldest} to {snapshot.Version}, {snapshot.Files.Count} files, {rows} rows, {snapshot.Columns.Count} columns, partitioned by "
            + $"[{string.Join(", ", snapshot.PartitionColumns)}]{told}";
    }

    private static async Task<string> CompareAsync(SqlBed bed, Snapshot snapshot)
    {
        var log = new DeltaLog(snapshot.Table, bed.Objects);
        var (checkpoint, _) = await log.Checkpoints.TryLoadNewestAsync(long.MaxValue, Token);
        if (checkpoint is null)
            return "";
        var replayed = TableState.None(snapshot.Table);
        await foreach (var entry in log.ReadAsync(-1, checkpoint.Version, Token))
            replayed = replayed.Apply(entry);
        if (replayed.Version != checkpoint.Version)
            return $", checkpoint {checkpoint.Version}";

        // Checkpoints may have statistics in columns of their own only, which are not read.
        var known = checkpoint.Files.All(file => file.Statistics is not null);
        Assert.Equal(Paths(replayed, known), Paths(checkpoint, known));
        Assert.Equal(JsonSerializer.Serialize(replayed.Metadata!.Action), JsonSerializer.Serialize(checkpoint.Metadata!.Action));
        Assert.Equal(replayed.Protocol!.MinWriterVersion, checkpoint.Protocol!.MinWriterVersion);
        Assert.Equal(replayed.Transactions.OrderBy(t => t.Key), checkpoint.Transactions.OrderBy(t => t.Key));
        return $", checkpoint {checkpoint.Version} equals the commits";
    }

    private static IEnumerable<string> Paths(TableState state, bool rows) => state.Files
        .Select(file => $"{file.Path} {file.Size} {file.ModificationTime} {(rows ? file.Statistics?.Rows : null)} {JsonSerializer.Serialize(file.PartitionValues.OrderBy(value => value.Key).ToList())}")
        .Order(StringComparer.Ordinal);

    private static async Task CopyAsync(string folder, IObjectStore objects)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(folder, file);
            if (!Path.GetFileName(file).EndsWith(".crc", StringComparison.Ordinal))
                await objects.TryPutAsync(SqlBed.Table.Root.Append(relative), await File.ReadAllBytesAsync(file, Token), PutCondition.None, null, Token);
        }
    }
}
