using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Warehouse;

/// <summary>Optimizes, vacuums, restores and corrects tables on request: says what would be done, or stores the request and does it in rounds, each of which
/// may be run twice.</summary>
public sealed class TableOperations(
    OperationStore<TableOperation> store, TableCatalog catalog, CatalogStore definitions, DeltaTables tables, Compaction compaction, TableVacuum vacuum, TableRestore restore,
    RowChanges rows, ColumnWidening widening, TableDrop drop)
{
    /// <exception cref="TerminalException"><c>InvalidOperation</c>.</exception>
    public static TableOperationRequest Read(ReadOnlyMemory<byte> document) => TableOperationReader.Read(document);

    /// <summary>Says what an operation would do.</summary>
    /// <exception cref="TerminalException">As the operation would fail.</exception>
    public async Task<JsonNode> TryAsync(string table, TableOperationRequest request, CancellationToken cancellationToken)
    {
        var name = await catalog.GetAsync(table, cancellationToken);
        var (pinned, since) = await PinAsync(name, request, cancellationToken);
        return (await WorkAsync(name, pinned, "dry-run", since, dryRun: true, cancellationToken)).Result;
    }

    /// <summary>Stores what was asked for; its orchestration is to be scheduled next.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>; <c>TableVersionNotFound</c>, <c>TableVersionGone</c>; <c>IdempotencyKeyReused</c>.</exception>
    public async Task<TableOperation> CreateAsync(
        string table, TableOperationRequest request, ReadOnlyMemory<byte> document, string caller, string? key, CancellationToken cancellationToken)
    {
        var name = await catalog.GetAsync(table, cancellationToken);
        var (pinned, since) = await PinAsync(name, request, cancellationToken);
        return await store.CreateAsync(
            table, caller, key, Fingerprint(document.Span),
            (id, now) => new TableOperation(name.Kind, table, pinned, since) { Id = id, Caller = caller, Created = now },
            cancellationToken);
    }

    /// <summary>Says what the drop of a table would delete.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public async Task<(TableOperationRequest Request, JsonNode Result)> TryDropAsync(string table, CancellationToken cancellationToken)
    {
        var (name, id, since) = await FindLeftAsync(table, cancellationToken);
        var request = new TableOperationRequest(TableOperationKind.Drop, DryRun: true, TableId: id);
        return (request, (await WorkAsync(name, request, "dry-run", since, dryRun: true, cancellationToken)).Result);
    }

    /// <summary>Stores that a table is to be dropped which no definition has any more; its orchestration is to be scheduled next.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>; <c>IdempotencyKeyReused</c>.</exception>
    public async Task<TableOperation> DropAsync(string table, string caller, string? key, CancellationToken cancellationToken)
    {
        var (name, id, since) = await FindLeftAsync(table, cancellationToken);
        return await store.CreateAsync(
            table, caller, key, Fingerprint(JsonSerializer.SerializeToUtf8Bytes(new TableOperationRequest(TableOperationKind.Drop), PlatformJson.Options)),
            (operation, now) => new TableOperation(name.Kind, table, new TableOperationRequest(TableOperationKind.Drop, TableId: id), since)
            {
                Id = operation,
                Caller = caller,
                Created = now,
            },
            cancellationToken);
    }

    /// <summary>The data that was left behind under a name, of whatever kind.</summary>
    private async Task<(TableName Name, string Id, long Version)> FindLeftAsync(string table, CancellationToken cancellationToken)
    {
        foreach (var kind in NameRules.IsTableName(table) ? Enum.GetValues<TableKind>() : [])
        {
            var name = new TableName(kind, table);
            if (await drop.FindAsync(name, cancellationToken) is { } found)
                return (name, found.Id, found.Version);
        }

        throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"There is no table '{ObjectReader.Shorten(table)}' with data.", "table");
    }

    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public async Task<OperationPage<TableOperation>> ListAsync(string table, string? after, int top, CancellationToken cancellationToken) =>
        await store.ListAsync((await catalog.GetAsync(table, cancellationToken)).Name, after, top, cancellationToken);

    /// <summary>Asks an operation to end; what it committed stays. A drop that has begun is brought to its end: half of a table is of no use.</summary>
    /// <exception cref="TerminalException"><c>OperationNotFound</c>, <c>OperationHasEnded</c>, <c>OperationNotCancelable</c>.</exception>
    public async Task<TableOperation> CancelAsync(string table, string id, string caller, CancellationToken cancellationToken)
    {
        var operation = await store.GetAsync(table, id, cancellationToken);
        return operation is { Status: RunStatus.Running, Request.Operation: TableOperationKind.Drop }
            ? throw new TerminalException(
                FailureKind.Conflict, "OperationNotCancelable", $"Table '{table}' is being dropped: that is brought to its end once it has begun.", "id")
            : await store.CancelAsync(table, id, caller, cancellationToken);
    }

    /// <summary>The activity for a round of work.</summary>
    /// <returns>Whether another round is needed.</returns>
    /// <exception cref="TerminalException">Also <c>OperationCanceled</c>.</exception>
    public async Task<bool> WorkAsync(string id, CancellationToken cancellationToken)
    {
        var operation = await store.BeginAnywayAsync(id, cancellationToken);
        if (operation.HasEnded)
            return false;

        // What was done by one commit is not undone: then the work below only tells of it.
        var isDone = operation.CancelRequested is not null && await HasLandedAsync(operation, cancellationToken);
        if (!isDone)
            OperationStore<TableOperation>.EnsureWanted(operation);
        var (result, more) = isDone || operation.Request.Operation == TableOperationKind.Drop
            ? await WorkAsync(operation.Name, operation.Request, id, operation.Since, dryRun: false, cancellationToken)
            : await store.WorkAsync(id, cancel => WorkAsync(operation.Name, operation.Request, id, operation.Since, dryRun: false, cancel), cancellationToken);
        FaultPoint.Pass("after-operation-work");
        await store.UpdateAsync(id, current => current.HasEnded ? current : current with { Result = result }, cancellationToken);
        return more;
    }

    private async Task<bool> HasLandedAsync(TableOperation operation, CancellationToken cancellationToken) =>
        operation.Request.Operation is TableOperationKind.Delete or TableOperationKind.Update or TableOperationKind.Widen or TableOperationKind.Restore
        && await tables.Get(operation.Name).ReadCommitsAsync(operation.Since, upTo: null, cancellationToken).AnyAsync(commit => commit.OperationId == operation.Id, cancellationToken);

    /// <summary>Fixes what a time stands for now, and where the operation's own commits can begin.</summary>
    private async Task<(TableOperationRequest Request, long Since)> PinAsync(TableName name, TableOperationRequest request, CancellationToken cancellationToken)
    {
        var newest = await tables.Get(name).TryGetSnapshotAsync(null, cancellationToken)
            ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"Table '{name}' has no data yet.", "table");
        if (request.Operation is TableOperationKind.Delete or TableOperationKind.Update)
        {
            await EnsureCorrectableAsync(name, request.Operation, cancellationToken);
            await rows.CheckAsync(name, ChangeOf(request), "$", cancellationToken);
        }

        if (request.Operation == TableOperationKind.Widen)
        {
            await EnsureWidenableAsync(name, request.Columns!, cancellationToken);
            await widening.RunAsync(name, request.Columns!, "check", newest.Version, dryRun: true, cancellationToken);
        }

        if (request.Operation != TableOperationKind.Restore)
            return (request, newest.Version);
        var version = request.Version ?? await restore.VersionAtAsync(name, request.Timestamp!.Value, cancellationToken);
        await tables.Get(name).TryGetSnapshotAsync(version, cancellationToken);
        return (request with { Version = version }, newest.Version);
    }

    /// <summary>Rows of marts are computed, and rows of datasets are what was sent: neither is changed here. What a dataset's ledger counts is fixed when
    /// a batch is committed, so that deleting rows later leaves it as it is.</summary>
    private async Task EnsureCorrectableAsync(TableName name, TableOperationKind operation, CancellationToken cancellationToken)
    {
        if (name.Kind == TableKind.Mart)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "TableDerived",
                $"'{name}' is a mart: its rows are computed, and the next refresh would bring them back. Correct its source, or change its definition.",
                "table");
        }

        if (name.Kind != TableKind.Dataset)
            return;
        if (operation == TableOperationKind.Update)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "RowsAsSent",
                $"'{name}' is a dataset: its rows are what was sent and passed its contract. Delete the wrong ones and send them again, or correct them in a pipeline step.",
                "operation");
        }

        if ((await definitions.GetAsync<DatasetDefinition>(name.Name, cancellationToken)).Definition.Operational)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "RowsByKey",
                $"Dataset '{name}' keeps the latest row of each key for applications: delete rows by their keys, with DELETE /api/v1/operational/{name}/{{key}}.",
                "operation");
        }
    }

    /// <summary>A mart's columns follow from its definition. By a dataset's keys rows are known as texts and hashes, which must stay what they are.</summary>
    private async Task EnsureWidenableAsync(TableName name, IReadOnlyDictionary<string, string> columns, CancellationToken cancellationToken)
    {
        if (name.Kind == TableKind.Mart)
            throw new TerminalException(FailureKind.Conflict, "TableDerived", $"'{name}' is a mart: its columns follow from its definition. Change that.", "table");
        if (name.Kind != TableKind.Dataset)
            return;
        var dataset = (await definitions.GetAsync<DatasetDefinition>(name.Name, cancellationToken)).Definition;
        if (columns.FirstOrDefault(column => column.Value != "long" && (dataset.Key.Contains(column.Key) || dataset.OrderBy == column.Key)) is { Key: { } key })
        {
            throw new TerminalException(
                FailureKind.Conflict, "KeyKeepsType", $"'{key}' is part of the key of dataset '{name}', or orders its rows: it can become int64 only.", $"$.columns.{key}");
        }
    }

    private static RowChange ChangeOf(TableOperationRequest request) => new(request.Condition!, request.Set);

    private async Task<(JsonNode Result, bool More)> WorkAsync(
        TableName name, TableOperationRequest request, string id, long since, bool dryRun, CancellationToken cancellationToken)
    {
        switch (request.Operation)
        {
            case TableOperationKind.Optimize:
                var options = new CompactionOptions { SortBy = request.SortBy ?? [] };
                var compacted = dryRun
                    ? await compaction.TryAsync(name, options, cancellationToken)
                    : await compaction.RunAsync(name, options, id, since, cancellationToken);
                return (ToJson(compacted), compacted.More);
            case TableOperationKind.Vacuum:
                return (ToJson(await vacuum.RunAsync(name, request.Retention, id, dryRun, cancellationToken)), false);
            case TableOperationKind.Drop:
                return (ToJson(await drop.RunAsync(name, request.TableId!, id, since, dryRun, cancellationToken)), false);
            case TableOperationKind.Delete or TableOperationKind.Update:
                return (ToJson(await rows.RunAsync(name, ChangeOf(request), id, since, dryRun, cancellationToken)), false);
            case TableOperationKind.Widen:
                return (ToJson(await widening.RunAsync(name, request.Columns!, id, since, dryRun, cancellationToken)), false);
            default:
                return (ToJson(await restore.RunAsync(name, request.Version!.Value, id, since, dryRun, cancellationToken)), false);
        }
    }

    private static string Fingerprint(ReadOnlySpan<byte> document) => Convert.ToHexStringLower(SHA256.HashData(document));

    private static JsonNode ToJson<T>(T result) => JsonSerializer.SerializeToNode(result, PlatformJson.Options)!;
}
