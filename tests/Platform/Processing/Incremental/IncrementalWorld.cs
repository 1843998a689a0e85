using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using DataPlatform.Tables.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>The platform and the model side by side: everything is done to both.</summary>
public sealed class IncrementalWorld : IAsyncDisposable
{
    private static readonly TimeSpan MaxLag = TimeSpan.FromDays(20);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);
    private static readonly CompactionOptions Small = new() { SmallBytes = 1 << 20, TargetBytes = 1 << 20 };

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly PipelineBed _bed;
    private readonly string[] _pipelines;
    private readonly string[] _sources;
    private readonly string[] _tables;
    private readonly Dictionary<string, ModelTable> _model;
    private long _value;
    private int _operations;
    private bool _hasWaited;

    /// <param name="pipelines">Names of those that are run.</param>
    public IncrementalWorld(params IEnumerable<string> pipelines)
    {
        _pipelines = [.. pipelines.Distinct()];
        var steps = _pipelines.SelectMany(name => ModelPipelines.All[name]).ToList();
        var targets = steps.Select(step => step.Target).ToHashSet();
        _sources = [.. steps.SelectMany(step => step.New.Concat(step.Whole)).Distinct().Except(targets)];
        _tables = [.. _sources, .. targets];
        _model = _tables.ToDictionary(name => name, name => new ModelTable(name));
        _bed = new PipelineBed(
            configure: options =>
            {
                options.CheckpointCommits = 4;
                options.LogRetention = TimeSpan.FromDays(10);
                options.DataRetention = Retention;
                options.ConsumerMaxLag = MaxLag;
            },
            clock: _clock);
    }

    /// <summary>How runs ended, and how often.</summary>
    public Dictionary<string, int> Outcomes { get; } = [];

    public async Task DefineAsync()
    {
        foreach (var source in _sources)
            await _bed.PutDatasetAsync(source, """{"name": "id", "type": "int64"}, {"name": "v", "type": "int64"}""");
        foreach (var name in _pipelines)
            await _bed.PutPipelineAsync(name, string.Join(", ", ModelPipelines.All[name].Select(step => step.Json(name == "copy" ? ", \"parallel\": \"files\"" : ""))));
    }

    /// <param name="written">The table that the run writes in whose middle it happens.</param>
    public async Task ActAsync(Act act, ModelTable? written = null)
    {
        // A moment goes by, as between any two commits.
        _clock.Advance(TimeSpan.FromSeconds(1));
        if (act.Kind == ActKind.Run)
            await RunAsync(_pipelines[act.Which % _pipelines.Length], times: 1 + (act.Size % 2), act.Meanwhile);
        else if (act.Kind is ActKind.Compact or ActKind.Restore or ActKind.Vacuum)
            await MaintainAsync(act, act.Which % 3 > 0 && written is not null ? written : _model[_tables[act.Which % _tables.Length]]);
        else
            await ChangeAsync(act, _model[_sources[act.Which % _sources.Length]]);
        await CatchUpAsync();
    }

    /// <summary>Every table of the platform holds the model's rows, also for a process that has just started.</summary>
    public async Task CheckAsync()
    {
        await _bed.ReopenAsync();
        foreach (var table in _model.Values)
            await CheckAsync(table);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private async Task ChangeAsync(Act act, ModelTable table)
    {
        var now = _clock.GetUtcNow();
        var kind = table.Name == "u" && act.Kind is (ActKind.Append or ActKind.AppendColumn) ? ActKind.Merge : act.Kind;
        switch (kind)
        {
            case ActKind.Append or ActKind.AppendColumn:
                var appended = Rows(act, withExtra: act.Kind == ActKind.AppendColumn);
                await _bed.LoadAsync(table.Name, Sql(appended));
                table.Append(appended, now);
                break;
            case ActKind.Overwrite:
                var written = Rows(act);
                await _bed.LoadAsync(table.Name, Sql(written), replace: true);
                table.Overwrite(written, now);
                break;
            case ActKind.Merge:
                var merged = Rows(act);
                await MergeAsync(NameOf(table), Sql(merged));
                table.Merge(merged, row => row.Id!, now);
                break;
            case ActKind.Delete when table.Exists && table.Now.Rows.Exists(row => row.Id % 2 == act.Size % 2):
                await DeleteAsync(NameOf(table), $"id % 2 = {act.Size % 2}");
                table.Delete(row => row.Id % 2 == act.Size % 2, now);
                break;
            case ActKind.Replace when table.Exists:
                await ReplaceAsync(NameOf(table));
                table.Replace(now);
                break;
            case ActKind.Drop when table.Exists:
                await DropAsync(NameOf(table));
                table.Drop();
                break;
            case ActKind.Reopen:
                await _bed.ReopenAsync();
                break;
            case ActKind.Wait:
                _clock.Advance(TimeSpan.FromDays(5 * act.Size));
                _hasWaited = true;
                break;
            default:
                break;
        }
    }

    private async Task MaintainAsync(Act act, ModelTable table)
    {
        if (!table.Exists)
            return;
        var id = $"op-{++_operations}";
        switch (act.Kind)
        {
            case ActKind.Compact:
                await _bed.Get<Compaction>().RunAsync(NameOf(table), Small, id, table.Newest, default);
                break;
            case ActKind.Vacuum:
                await _bed.Get<TableVacuum>().RunAsync(NameOf(table), retention: null, id, dryRun: false, default);
                break;
            default:
                if (table.Newest - act.Size is var version && version >= table.Birth)
                    await RestoreAsync(table, version, id);
                break;
        }
    }

    private async Task RestoreAsync(ModelTable table, long version, string id)
    {
        try
        {
            var result = await _bed.Get<TableRestore>().RunAsync(NameOf(table), version, id, table.Newest, dryRun: false, default);
            if (result.Version is not null)
                table.Restore(version, _clock.GetUtcNow(), result.FilesRemoved > 0);
            else
                Assert.Equal(Texts(table[version].Rows), Texts(table.Now.Rows));
        }
        catch (TerminalException gone) when (gone.Code is "RestoreFilesGone" or "TableVersionGone")
        {
            Assert.True(_hasWaited, $"{gone.Message} And nothing was old enough.");
        }
    }

    private async Task RunAsync(string pipeline, int times, Act? meanwhile)
    {
        var steps = ModelPipelines.All[pipeline];
        var model = new ModelRun(_model, steps, MaxLag, Retention);
        var id = (await _bed.StartAsync(pipeline)).Id;
        await _bed.ExecuteAsync(id, times, async step =>
        {
            if (step > 0)
                await CommitAsync(id, model, step - 1);
            var plan = model.Plan(_clock.GetUtcNow());
            Assert.True(plan.Must is null, $"{pipeline}: step {step} had to stop with {plan.Must}, and went on.");
            if (step == 0 && meanwhile is not null)
                await ActAsync(meanwhile, _model[steps[0].Target]);
        });

        var run = await _bed.Runs.GetAsync(id, default);
        Count(run.Error?.Code ?? (run.Steps.All(step => step.Status == RunStatus.Skipped) ? "nothing new" : "done"));
        if (run.Error is null)
        {
            Assert.Equal(RunStatus.Succeeded, run.Status);
            await CommitAsync(id, model, steps.Count - 1);
        }
        else
        {
            await FailAsync(id, model, run);
        }

        await CatchUpAsync();
        foreach (var step in steps)
            await CheckAsync(_model[step.Target]);
    }

    private async Task CommitAsync(string id, ModelRun model, int step)
    {
        var run = await _bed.Runs.GetAsync(id, default);
        var error = model.Commit(_clock.GetUtcNow(), run.Steps[step].TableVersion);
        Assert.True(error is null, $"{run.Name}: step {step} had to stop with {error}, and went on.");
    }

    /// <summary>A run that stopped did so for a reason, and its last step changed nothing.</summary>
    private async Task FailAsync(string id, ModelRun model, Run run)
    {
        Assert.True(run.Steps.Count > 0, $"{run.Name}: {run.Error!.Code}: {run.Error.Message}");
        var failed = run.Steps.TakeWhile(step => step.Status is RunStatus.Succeeded or RunStatus.Skipped).Count();
        var isPlanned = model.Plans.Count > failed;
        if (!isPlanned && failed > 0)
            await CommitAsync(id, model, failed - 1);
        var plan = isPlanned ? model.Plans[failed] : model.Plan(_clock.GetUtcNow());
        var must = isPlanned ? model.Commit(_clock.GetUtcNow(), null) : plan.Must;
        Assert.True(
            must == run.Error!.Code || plan.May.Contains(run.Error.Code),
            $"{run.Name}: step {failed} stopped, where {must ?? "nothing"} was to be: {run.Error.Code}: {run.Error.Message}");
    }

    private async Task CheckAsync(ModelTable table)
    {
        if (!table.Exists)
            return;
        var rows = await _bed.QueryAsync(
            $"""
            SELECT id, v, extra, text FROM (SELECT * FROM {table.Name} UNION ALL BY NAME SELECT NULL::BIGINT AS id, NULL::BIGINT AS v, NULL::BIGINT AS extra, NULL::VARCHAR AS text WHERE false)
            """,
            NameOf(table));
        Assert.Equal(Texts(table.Now.Rows), rows.Select(row => row.Replace("NULL", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Texts(IEnumerable<ModelRow> rows) => rows.Select(row => row.ToString()).Order(StringComparer.Ordinal);

    /// <summary>Waits for checkpoints and cleanups, and takes in how many versions there are.</summary>
    private async Task CatchUpAsync()
    {
        foreach (var table in _model.Values)
        {
            var real = _bed.Tables.Get(NameOf(table));
            await real.UpkeepIdle;
            if (table.Exists)
                table.Fill((await real.TryGetSnapshotAsync(null, default))!.Version, _clock.GetUtcNow());
        }
    }

    private async Task MergeAsync(TableName name, string sql)
    {
        await using var session = await _bed.Get<SqlEngine>().OpenAsync(default);
        using var staged = await _bed.Get<ParquetStage>().WriteAsync(session, sql, options: null, default);
        var files = await _bed.Get<ParquetStage>().UploadAsync(staged, name, "merge", default);
        var target = await _bed.Tables.Get(name).TryGetSnapshotAsync(null, default);
        var merge = await _bed.Get<TableMerge>().MergeAsync(name, target, staged.Columns, files, ["id"], orderBy: null, "merge", default);
        await _bed.Tables.Get(name).CommitAsync(
            new TableChange { Operation = "MERGE", Columns = merge.Columns, Add = merge.Add, Remove = merge.Remove, ReadVersion = merge.ReadVersion, AllowNewColumns = true }, default);
    }

    private async Task DeleteAsync(TableName name, string dead)
    {
        var snapshot = (await _bed.Tables.Get(name).TryGetSnapshotAsync(null, default))!;
        await using var session = await _bed.Get<SqlEngine>().OpenAsync(default);
        await session.MountAsync("t", snapshot, options: null, default);
        using var staged = await _bed.Get<ParquetStage>().WriteAsync(session, $"SELECT * FROM t WHERE NOT ({dead})", options: null, default);
        await _bed.Tables.Get(name).CommitAsync(
            new TableChange
            {
                Operation = "DELETE",
                Columns = staged.Columns,
                Add = await _bed.Get<ParquetStage>().UploadAsync(staged, name, "delete", default),
                Remove = [.. snapshot.Files.Select(file => file.Path)],
                ReadVersion = snapshot.Version,
            },
            default);
    }

    /// <summary>As other software does it: another table, in the same log.</summary>
    private async Task ReplaceAsync(TableName name)
    {
        var state = (await _bed.Tables.Get(name).TryGetStateAsync(null, default))!;
        var at = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        List<LogLine> lines =
        [
            new() { CommitInfo = new() { ["timestamp"] = at, ["operation"] = "CREATE OR REPLACE TABLE" } },
            new() { MetaData = state.Metadata!.Action with { Id = Guid.NewGuid().ToString() } },
            .. state.Files.Select(file => new LogLine { Remove = RemoveAction.Of(file, at, dataChange: true) }),
        ];
        Assert.True(await new DeltaLog(name, _bed.Get<IObjectStore>()).TryWriteAsync(state.Version + 1, LogWriter.Write(lines), default));
    }

    private async Task DropAsync(TableName name)
    {
        var store = _bed.Get<IObjectStore>();
        var objects = await store.ListAsync(name.Root, null, default).ToListAsync();
        foreach (var info in objects)
            await store.TryDeleteAsync(info.Path, null, default);
        await _bed.ReopenAsync();
    }

    private List<ModelRow> Rows(Act act, bool withExtra = false) =>
        [.. Enumerable.Range(0, act.Size).Select(i => new ModelRow(((act.Which / 7) + (3 * i)) % 8, ++_value, withExtra ? _value : null))];

    private static string Sql(IReadOnlyList<ModelRow> rows)
    {
        var withExtra = rows.Any(row => row.Extra is not null);
        var values = rows.Select(row => $"({row.Id}::BIGINT, {row.V}::BIGINT{(withExtra ? $", {row.Extra}::BIGINT" : "")})");
        return $"SELECT * FROM (VALUES {string.Join(", ", values)}) AS r(id, v{(withExtra ? ", extra" : "")})";
    }

    private TableName NameOf(ModelTable table) =>
        new(_sources.Contains(table.Name) ? TableKind.Dataset : TableKind.Warehouse, table.Name);

    private void Count(string outcome) => Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + 1;
}
