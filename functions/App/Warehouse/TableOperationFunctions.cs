using DataPlatform.App.Operations;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Warehouse;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Warehouse;

/// <summary>Keeps tables in good order, corrects and drops them on request.</summary>
public sealed class TableOperationFunctions(TableOperations operations, OperationStore<TableOperation> store, TableUsers users, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    /// <summary>200 with what a dry run finds, else 202 with the operation's id.</summary>
    [Function("WarehouseOperationStart")]
    [ApiRoute("define:warehouse/{table}", Body = RequestBody.Document)]
    public async Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/warehouse/tables/{table}/operations")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string table,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        var asked = TableOperations.Read(document);
        if (asked.DryRun)
            return new JsonAnswer(StatusCodes.Status200OK, new TableOperationAnswer(table, asked, await operations.TryAsync(table, asked, cancellationToken)));
        var operation = await operations.CreateAsync(table, asked, document, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), cancellationToken);
        return await AcceptAsync(request, client, operation, cancellationToken);
    }

    /// <summary>Drops a table that nothing writes or reads any more: 200 with what a dry run finds, else 202 with the operation's id.</summary>
    [Function("WarehouseTableDelete")]
    [ApiRoute("define:warehouse/{table}")]
    public async Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/warehouse/tables/{table}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string table,
        CancellationToken cancellationToken)
    {
        var dryRun = LedgerReader.Flag(new QueryOptions(request, "dryRun"), "dryRun");
        await users.EnsureUnusedAsync(table, cancellationToken);
        if (dryRun)
        {
            var (asked, result) = await operations.TryDropAsync(table, cancellationToken);
            return new JsonAnswer(StatusCodes.Status200OK, new TableOperationAnswer(table, asked, result));
        }

        var operation = await operations.DropAsync(table, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), cancellationToken);
        return await AcceptAsync(request, client, operation, cancellationToken);
    }

    /// <summary>How far an operation is, and what it did; with <c>?wait=</c> and seconds, when it has ended or they are over.</summary>
    [Function("WarehouseOperationGet")]
    [ApiRoute("read:warehouse/{table}")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/operations/{id}")] HttpRequest request,
        string table,
        string id,
        CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, LongPoll.MaxSeconds) ?? 0;
        var operation = await store.WaitAsync(table, id, TimeSpan.FromSeconds(wait), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, operation)
        {
            Headers = operation.HasEnded ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = "1" },
        };
    }

    /// <summary>The operations of a table, newest first.</summary>
    [Function("WarehouseOperationList")]
    [ApiRoute("read:warehouse/{table}")]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/warehouse/tables/{table}/operations")] HttpRequest request,
        string table,
        CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        var page = await operations.ListAsync(table, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Operations, "after", page.Next);
    }

    /// <summary>Asks an operation to end: 202, or 200 when it has.</summary>
    [Function("WarehouseOperationCancel")]
    [ApiRoute("define:warehouse/{table}")]
    public async Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/warehouse/tables/{table}/operations/{id}/cancel")] HttpRequest request,
        string table,
        string id,
        CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var operation = await operations.CancelAsync(table, id, Caller.Of(request.HttpContext).Id, cancellationToken);
        return operation.HasEnded ? new JsonAnswer(StatusCodes.Status200OK, operation) : Accepted(request, operation);
    }

    /// <summary>Schedules operations whose request was stored but whose process ended before it could.</summary>
    [Function("WarehouseOperationSchedule")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var operation in await store.ListOverdueAsync(cancellationToken))
            await client.ScheduleOperationAsync(TableOperationOrchestration.Name, operation, cancellationToken);
    }

    private async Task<IResult> AcceptAsync(HttpRequest request, DurableTaskClient client, TableOperation operation, CancellationToken cancellationToken)
    {
        if (operation.Status == RunStatus.NotStarted)
            await client.ScheduleOperationAsync(TableOperationOrchestration.Name, operation.Id, cancellationToken);
        return Accepted(request, operation);
    }

    private IResult Accepted(HttpRequest request, TableOperation operation) => links.Accepted(
        request, new OperationStatus(operation.Id, operation.Status.ToString()), $"/api/v1/warehouse/tables/{operation.Table}/operations/{operation.Id}");
}
