using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving.Warehouse;

/// <summary>
/// Answers <c>POST …/warehouse/query</c>. A worker parses the SQL; we walk its tree, look up its tables and pin their versions; a worker runs it
/// over their files.
/// </summary>
public sealed class QueryDoor(
    QueryWorkers workers, QueryTables tables, FileCache cache, IOptions<PlatformOptions> options, TimeProvider clock, ILogger<QueryDoor> logger)
{
    private readonly PlatformOptions _options = options.Value;

    /// <summary>Writes the response. Until its first bytes are sent nothing of it is set, so that a failure becomes an error document; a failure
    /// after that aborts the connection, since cut-off data must not look complete.</summary>
    /// <param name="has">Whether the caller has a scope.</param>
    /// <exception cref="TerminalException">400, 404, 406, 410, 422.</exception>
    /// <exception cref="TransientException">Too many queries wait.</exception>
    public async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> body, Func<string, bool> has, CancellationToken cancellationToken)
    {
        var query = WarehouseQueryReader.Read(body, context.Request.Headers, _options.QueryTimeout);
        var timeout = query.Timeout ?? _options.QueryTimeout;
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.RequestAborted, deadline.Token);
        try
        {
            await AnswerAsync(context, query, has, both.Token);
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            if (exception is not OperationCanceledException || deadline.IsCancellationRequested)
                Log.QueryCutOff(logger, exception);
            context.Abort();
            throw;
        }
        catch (OperationCanceledException exception)
            when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new TerminalException(
                FailureKind.Unprocessable,
                "QueryTimeout",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The query was ended after {timeout.TotalSeconds} s: read less of the tables, or give it more 'timeout' (at most {_options.QueryTimeout.TotalSeconds} s, DataPlatform:QueryTimeout)."),
                "timeout",
                innerException: exception);
        }
    }

    private async Task AnswerAsync(HttpContext context, WarehouseQuery query, Func<string, bool> has, CancellationToken cancellationToken)
    {
        var trees = await workers.ParseAsync(OpenQueryReader.Statements(query.Sql), cancellationToken);
        var open = OpenQueryReader.Read(query.Sql, trees);
        CheckParameters(query, open);
        var snapshots = await tables.PinAsync(open.Tables, query.Versions, has, cancellationToken);
        List<FileLease> leases = [];
        try
        {
            var task = await TaskAsync(query, open, snapshots, leases, cancellationToken);
            var end = await workers.RunAsync(task, data => SendAsync(context.Response, data, task, snapshots, cancellationToken), cancellationToken);
            if (end.Truncated && task.Format is not RowFormat.Json && end.Rows != query.MaxRows)
                throw TooMuch(end);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    private static async Task SendAsync(
        HttpResponse response, ReadOnlyMemory<byte> data, WorkerTask task, IReadOnlyDictionary<string, Snapshot> snapshots, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = RowFormats.ContentType(task.Explain ? RowFormat.Json : task.Format);
            response.Headers.CacheControl = "private, no-store";
            response.Headers["Data-Versions"] = string.Join(
                ", ", snapshots.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value.Version}")));
        }

        await response.Body.WriteAsync(data, cancellationToken);
    }

    private static void CheckParameters(WarehouseQuery query, OpenQuery open)
    {
        if (open.Parameters.FirstOrDefault(name => !query.Parameters.ContainsKey(name)) is { } missing)
            throw SqlInspector.Error($"it names the parameter ${missing}, which 'parameters' does not have", "parameters");
        if (query.Parameters.Keys.FirstOrDefault(name => !open.Parameters.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } extra)
            throw SqlInspector.Error($"it does not name the parameter '{ObjectReader.Shorten(extra)}' that 'parameters' has", "parameters");
    }

    private async Task<WorkerTask> TaskAsync(
        WarehouseQuery query, OpenQuery open, IReadOnlyDictionary<string, Snapshot> snapshots, List<FileLease> leases, CancellationToken cancellationToken)
    {
        var views = new Dictionary<string, string>();
        foreach (var (name, snapshot) in snapshots)
        {
            var own = await LeaseAsync(snapshot, cancellationToken);
            leases.AddRange(own);
            views[name] = SqlSession.RelationOf(snapshot, new MountOptions(), [.. own.Select(lease => lease.Path)]);
        }

        return new WorkerTask(
            open.Text,
            query.Parameters,
            views,
            [.. leases.Select(lease => lease.Path)],
            query.Format,
            Math.Min(query.MaxRows ?? long.MaxValue, _options.QueryMaxRows),
            _options.QueryMaxBytes,
            query.Explain);
    }

    private async Task<IReadOnlyList<FileLease>> LeaseAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await cache.LeaseAsync([.. snapshot.Files.Select(file => (DataFiles.Locate(snapshot.Table, file), file.Size))], cancellationToken);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new TerminalException(
                FailureKind.Gone,
                "TableVersionGone",
                $"Files of version {snapshot.Version} of table '{snapshot.Table}' are no longer there: leave it out of 'versions'.",
                "versions",
                innerException: exception);
        }
    }

    /// <summary>CSV and NDJSON have no place to say so.</summary>
    private static TerminalException TooMuch(WorkerEnd end) => new(
        FailureKind.TooLarge,
        "ResultTooLarge",
        $"The result has more than the {end.Rows} rows that fit into one answer (DataPlatform:QueryMaxRows, DataPlatform:QueryMaxBytes): add a LIMIT, filter, or give 'maxRows'.",
        "maxRows");
}
