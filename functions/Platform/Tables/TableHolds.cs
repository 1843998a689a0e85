using System.Runtime.CompilerServices;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Tables;

/// <summary>
/// Who needs which versions of a table. Log cleanup and vacuum ask for the oldest. Cursors of projections and what the
/// <see cref="HoldSource"/>s tell count without being registered here.
/// </summary>
public sealed class TableHolds(
    IRowStore rows, IEnumerable<HoldSource> sources, TimeProvider clock, IOptions<PlatformOptions> options, ILogger<TableHolds> logger)
{
    /// <summary>Row table: partition = table name, id = holder.</summary>
    public const string RowTable = "holds";

    /// <summary>Registers a hold, or moves the one the holder has.</summary>
    public Task PutAsync(TableName table, TableHold hold, CancellationToken cancellationToken) =>
        rows.UpsertAsync(RowTable, Key(table, hold.Holder), JsonSerializer.SerializeToUtf8Bytes(hold, ProtocolJson.Default.TableHold), cancellationToken);

    /// <returns>False when the holder had none.</returns>
    public Task<bool> ReleaseAsync(TableName table, string holder, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(RowTable, Key(table, holder), null, cancellationToken);

    /// <summary>All holds of a table: registered, of projections, and by rule. Those that have expired are forgotten on the way.</summary>
    public async IAsyncEnumerable<TableHold> ListAsync(
        TableName table, string tableId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.QueryAsync(RowTable, table.Name, null, null, cancellationToken))
        {
            var hold = JsonSerializer.Deserialize(row.Value.Span, ProtocolJson.Default.TableHold)!;
            if (hold.TableId != tableId || hold.Expires <= clock.GetUtcNow())
                await rows.TryDeleteAsync(RowTable, row.Key, row.ETag, cancellationToken);
            else if (!IsMark(hold))
                yield return hold;
        }

        await foreach (var row in rows.QueryAsync(TableProjector.RowTable, table.Name, null, null, cancellationToken))
        {
            if (JsonSerializer.Deserialize(row.Value.Span, ProtocolJson.Default.ProjectionCursor) is { } cursor && cursor.TableId == tableId)
                yield return new TableHold($"projection:{row.Key.Id}", tableId, cursor.Version);
        }

        foreach (var source in sources)
        {
            await foreach (var hold in source.Find(table, tableId, cancellationToken))
                yield return hold;
        }
    }

    /// <summary>The hold of the oldest version. Consumers that lag too far behind are marked lost, with an error in the log, and no longer
    /// count.</summary>
    /// <returns>Null when nothing is held, or there is no such table.</returns>
    public async Task<TableHold?> OldestHeldAsync(DeltaTable table, CancellationToken cancellationToken)
    {
        if (await table.TryGetRecentSnapshotAsync(TimeSpan.FromMinutes(1), -1, cancellationToken) is not { } newest)
            return null;

        TableHold? oldest = null;
        await foreach (var hold in ListAsync(table.Name, newest.TableId, cancellationToken))
        {
            if (oldest is not null && hold.Version >= oldest.Version)
                continue;
            if (hold is { Expires: null } && await IsLostAsync(table, hold, newest.Version, cancellationToken))
                continue;
            oldest = hold;
        }

        return oldest;
    }

    /// <summary>Lag is how long the first commit that a consumer has not taken has been waiting for it.</summary>
    private async Task<bool> IsLostAsync(DeltaTable table, TableHold hold, long newest, CancellationToken cancellationToken)
    {
        if (hold.Version >= newest)
            return false;

        var lag = TimeSpan.MaxValue;
        try
        {
            await foreach (var commit in table.ReadCommitsAsync(hold.Version, hold.Version + 1, cancellationToken))
                lag = clock.GetUtcNow() - commit.Timestamp;
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // Others cleaned the log, or it was given up before.
        }

        if (lag <= options.Value.ConsumerMaxLag)
            return false;
        await MarkLostAsync(table.Name, hold, cancellationToken);
        return true;
    }

    /// <summary>Tells of a lost consumer once, however often it is met at this version.</summary>
    private async Task MarkLostAsync(TableName table, TableHold hold, CancellationToken cancellationToken)
    {
        var mark = hold with { Holder = $"lost:{hold.Holder}", LostAt = hold.Version };
        var key = Key(table, mark.Holder);
        if (await rows.GetAsync(RowTable, key, cancellationToken) is { } row
            && JsonSerializer.Deserialize(row.Value.Span, ProtocolJson.Default.TableHold)!.LostAt == hold.Version)
            return;
        await rows.UpsertAsync(RowTable, key, JsonSerializer.SerializeToUtf8Bytes(mark, ProtocolJson.Default.TableHold), cancellationToken);
        Log.HoldLost(logger, table.Name, hold.Holder, hold.Version, options.Value.ConsumerMaxLag);
    }

    private static bool IsMark(TableHold hold) => hold.LostAt is not null;

    // Holders of steps have slashes, which keys cannot have.
    private static RowKey Key(TableName table, string holder) => new(table.Name, holder.Replace('/', '|'));
}
