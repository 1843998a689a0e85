using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static DataPlatform.Platform.Tests.Sql.Maintenance.MaintenanceBed;

namespace DataPlatform.Platform.Tests.Sql.Maintenance;

/// <summary>What is deleted is what no kept version needs, and nothing else.</summary>
public sealed class VacuumTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_of_versions_out_of_retention_go_with_what_lies_beside_them()
    {
        await using var bed = new MaintenanceBed();
        await SampleAsync(bed);
        var old = (await bed.Table.TryGetSnapshotAsync(2, Token))!.Files.Select(file => file.Path).ToList();
        await bed.Sql.Objects.TryPutAsync(SqlBed.Table.Root.Append($"_keys/f/{old[0]}.keys"), new byte[7], PutCondition.None, null, Token);
        await bed.Sql.Objects.TryPutAsync(SqlBed.Table.Root.Append("_keys/f/never-committed.parquet.keys"), new byte[7], PutCondition.None, null, Token);
        await bed.Sql.Objects.TryPutAsync(SqlBed.Table.Root.Append("never-committed.parquet"), new byte[9], PutCondition.None, null, Token);
        await bed.Sql.Objects.TryPutAsync(SqlBed.Table.Root.Append("_change_data/other.parquet"), new byte[9], PutCondition.None, null, Token);
        var rows = await bed.RowsAsync();

        Assert.Equal(0, (await VacuumAsync(bed)).Files);
        bed.Clock.Advance(TimeSpan.FromDays(8));
        await bed.AppendAsync(Rows(900, 5));
        var told = await VacuumAsync(bed, dryRun: true);
        var done = await VacuumAsync(bed);

        Assert.Equal((3, null, 6L), (done.OldestVersion, done.HeldBy, done.Files));
        Assert.Equivalent(told, done, strict: true);
        Assert.Equal([.. old.Append($"_keys/f/{old[0]}.keys").Append("_keys/f/never-committed.parquet.keys").Append("never-committed.parquet").Order(StringComparer.Ordinal)], done.Listed.Order(StringComparer.Ordinal));
        Assert.Contains("_change_data/other.parquet", await bed.ObjectsAsync());
        Assert.Equal(rows, await bed.RowsAsync(version: 3));
        Assert.Equal(0, (await VacuumAsync(bed)).Files);
        var refusal = await Assert.ThrowsAsync<TerminalException>(() => bed.Restore().RunAsync(SqlBed.Table, 2, "r", 4, false, Token));
        Assert.Equal("RestoreFilesGone", refusal.Code);
    }

    [Fact]
    public async Task What_somebody_holds_stays()
    {
        await using var bed = new MaintenanceBed();
        await SampleAsync(bed);
        var (id, rows) = ((await bed.Table.TryGetSnapshotAsync(null, Token))!.TableId, await bed.RowsAsync(version: 1));
        bed.Clock.Advance(TimeSpan.FromDays(8));
        await bed.Holds.PutAsync(SqlBed.Table, new TableHold("cursor:c", id, 1, bed.Clock.GetUtcNow().AddHours(1)), Token);

        var held = await VacuumAsync(bed);
        Assert.Equal((1, "cursor:c", 0L), (held.OldestVersion, held.HeldBy, held.Files));
        Assert.Equal(rows, await bed.RowsAsync(version: 1));

        bed.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(3, (await VacuumAsync(bed)).Files);
    }

    [Fact]
    public async Task Files_on_their_way_into_a_commit_stay_for_a_day()
    {
        await using var bed = new MaintenanceBed();
        await SampleAsync(bed);
        var (columns, staged) = await bed.Sql.WriteAsync(Rows(500, 5));
        bed.Clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal(3, (await VacuumAsync(bed, TimeSpan.FromHours(1))).Files);

        await bed.Table.CommitAsync(new TableChange { Operation = "WRITE", Columns = columns, Add = staged }, Token);
        bed.Clock.Advance(TimeSpan.FromDays(9));
        await VacuumAsync(bed);
        Assert.StartsWith("35|", await bed.RowsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_stay_as_long_as_a_run_that_may_have_written_them_is_under_way()
    {
        await using var bed = new MaintenanceBed();
        await SampleAsync(bed);
        var runs = new RunStore(bed.Sql.Store.Rows, bed.Clock);
        var run = await runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "me"), Token);
        await runs.UpdateAsync(
            run.Id, r => r with { Status = RunStatus.Running, Started = bed.Clock.GetUtcNow(), Steps = [new RunStep { Name = "s", Target = SqlBed.Table.Name }] }, Token);
        var (columns, staged) = await bed.Sql.WriteAsync(Rows(500, 5));
        bed.Clock.Advance(TimeSpan.FromDays(20));
        var source = new HoldSource(new RunHolds(runs).FindAsync);

        Assert.Equal(3, (await VacuumAsync(bed, TimeSpan.FromHours(1), sources: [source])).Files);

        await bed.Table.CommitAsync(new TableChange { Operation = "WRITE", Columns = columns, Add = staged }, Token);
        Assert.StartsWith("35|", await bed.RowsAsync(), StringComparison.Ordinal);
        await bed.Sql.WriteAsync(Rows(600, 5));
        bed.Clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal(0, (await VacuumAsync(bed, TimeSpan.FromHours(1), sources: [source])).Files);
        await runs.UpdateAsync(run.Id, r => r with { Status = RunStatus.Canceled }, Token);
        Assert.Equal(1, (await VacuumAsync(bed, TimeSpan.FromHours(1), sources: [source])).Files);
    }

    [Fact]
    public async Task A_file_that_a_restore_brings_back_meanwhile_stays()
    {
        MaintenanceBed? bed = null;
        var listed = 0;
        await using (bed = new MaintenanceBed(inner => new ListingStore(inner, async () =>
        {
            if (bed!.Clock.GetUtcNow() > TimeProvider.System.GetUtcNow().AddDays(1) && listed++ == 0)
            {
                // A restore that begins now waits; another program's is in the log before the next files are deleted.
                await Assert.ThrowsAsync<TransientException>(() => bed.Restore().RunAsync(SqlBed.Table, 1, "r", -1, false, Token));
                var old = (await bed.Table.TryGetSnapshotAsync(1, Token))!;
                await bed.Process().Get(SqlBed.Table).CommitAsync(new TableChange { Operation = "RESTORE", Columns = old.Columns, Add = old.Files, ReadVersion = 3 }, Token);
            }
        })))
        {
            await SampleAsync(bed);
            bed.Clock.Advance(TimeSpan.FromDays(8));

            Assert.Equal(1, (await VacuumAsync(bed)).Files);
            Assert.StartsWith("50|", await bed.RowsAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Retention_is_an_hour_at_the_least_and_a_table_may_have_its_own()
    {
        await using var bed = new MaintenanceBed();
        await SampleAsync(bed);
        Assert.Equal("InvalidRetention", (await Assert.ThrowsAsync<TerminalException>(() => VacuumAsync(bed, TimeSpan.FromMinutes(5)))).Code);
        using var reader = new StreamReader(await bed.Sql.Objects.OpenReadAsync(SqlBed.Table.Root.Append("_delta_log/00000000000000000000.json"), null, Token));
        var metadata = (await reader.ReadToEndAsync(Token)).Split('\n').Single(line => line.Contains("metaData", StringComparison.Ordinal))
            .Replace("\"configuration\":{}", "\"configuration\":{\"delta.deletedFileRetentionDuration\":\"interval 30 days\"}", StringComparison.Ordinal);
        await bed.Sql.Objects.TryPutAsync(
            SqlBed.Table.Root.Append("_delta_log/00000000000000000004.json"), System.Text.Encoding.UTF8.GetBytes(metadata), PutCondition.IfAbsent, null, Token);
        bed.Clock.Advance(TimeSpan.FromDays(8));

        Assert.Equal(0, (await VacuumAsync(bed)).Files);
        Assert.Equal(3, (await VacuumAsync(bed, TimeSpan.FromDays(7), dryRun: true)).Files);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_happens_every_kept_version_can_be_read(int seed)
    {
        var random = new Random(seed);
        await using var bed = new MaintenanceBed();
        Dictionary<long, (DateTimeOffset Until, string Rows)> versions = [];
        await bed.AppendAsync(Rows(0, 20));
        for (var step = 0; step < 40; step++)
        {
            var newest = (await bed.Table.TryGetSnapshotAsync(null, Token))!.Version;
            var op = string.Create(CultureInfo.InvariantCulture, $"op{step}");
            switch (random.Next(7))
            {
                case 0 or 1:
                    await bed.AppendAsync(Rows(random.Next(200), random.Next(1, 20), step));
                    break;
                case 2:
                    await bed.MergeAsync(Rows(random.Next(200), random.Next(1, 20), step), "id");
                    break;
                case 3:
                    await bed.CompactAsync(op, since: newest);
                    break;
                case 4:
                    var target = random.Next((int)newest + 1);
                    try
                    {
                        await bed.Restore().RunAsync(SqlBed.Table, target, op, newest, false, Token);
                    }
                    catch (TerminalException gone) when (gone.Code == "RestoreFilesGone")
                    {
                        Assert.True(versions[target].Until < bed.Clock.GetUtcNow().AddDays(-7), $"Version {target} is kept and its files are gone.");
                    }

                    break;
                default:
                    await VacuumAsync(bed);
                    break;
            }

            // What was newest until now has been so until now.
            var now = (await bed.Process().Get(SqlBed.Table).TryGetSnapshotAsync(null, Token))!.Version;
            var rows = await bed.RowsAsync();
            for (var version = 0L; version <= now; version++)
            {
                if (!versions.TryGetValue(version, out var known) || known.Until == DateTimeOffset.MaxValue)
                    versions[version] = (version == now ? DateTimeOffset.MaxValue : bed.Clock.GetUtcNow(), known.Rows ?? (version == now ? rows : await bed.RowsAsync(version)));
            }

            bed.Clock.Advance(TimeSpan.FromHours(random.Next(72)));
        }

        await VacuumAsync(bed);
        var kept = versions.Where(version => version.Value.Until > bed.Clock.GetUtcNow().AddDays(-7)).ToList();
        Assert.NotEmpty(kept);
        foreach (var (version, known) in kept)
            Assert.Equal(known.Rows, await bed.RowsAsync(version, process: bed.Process()));
    }

    /// <summary>Version 3 has one file for the three of version 2.</summary>
    private static async Task SampleAsync(MaintenanceBed bed)
    {
        for (var i = 0; i < 3; i++)
            await bed.AppendAsync(Rows(i * 10, 10));
        await bed.CompactAsync("sample");
    }

    private static Task<VacuumResult> VacuumAsync(MaintenanceBed bed, TimeSpan? retention = null, bool dryRun = false, IReadOnlyList<HoldSource>? sources = null) =>
        new TableVacuum(bed.Tables, bed.Sql.Objects, sources is null ? bed.Holds : bed.HoldsWith(sources), Options.Create(new PlatformOptions()), bed.Clock, NullLogger<TableVacuum>.Instance)
            .RunAsync(SqlBed.Table, retention, "v", dryRun, Token);

    /// <summary>Somebody does something while objects are listed.</summary>
    private sealed class ListingStore(IObjectStore inner, Func<Task> other) : WrappedObjectStore(inner)
    {
        public override async IAsyncEnumerable<ObjectInfo> ListAsync(
            LakePath prefix, LakePath? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var info in base.ListAsync(prefix, after, cancellationToken))
            {
                if (prefix == SqlBed.Table.Root)
                    await other();
                yield return info;
            }
        }
    }
}
