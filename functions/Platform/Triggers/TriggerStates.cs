using DataPlatform.Lake;

namespace DataPlatform.Triggers;

/// <summary>Keeps a <see cref="TriggerState"/> for each pipeline and mart. Row table <c>triggers</c>, partition <c>state</c>.</summary>
public sealed class TriggerStates(IRowStore rows)
{
    private const string Table = "triggers";
    private const string Partition = "state";

    /// <summary>What is known, if it is about this definition and not one of its name that was deleted.</summary>
    /// <returns>With the ETag of the row, null when there is none.</returns>
    internal async Task<(TriggerState State, string? ETag)> ReadAsync(TriggeredDefinition definition, CancellationToken cancellationToken)
    {
        var row = await rows.GetAsync<TriggerState>(Table, KeyOf(definition), cancellationToken);
        return (row?.Value.Created == definition.Created ? row.Value : new TriggerState(definition.Created), row?.ETag);
    }

    /// <returns>The new ETag; null when another scheduler wrote meanwhile.</returns>
    internal async Task<string?> TrySaveAsync(TriggeredDefinition definition, TriggerState state, string? etag, CancellationToken cancellationToken) =>
        (etag is null
            ? await rows.TryInsertAsync(Table, KeyOf(definition), state, cancellationToken)
            : await rows.TryReplaceAsync(Table, KeyOf(definition), state, etag, cancellationToken))?.ETag;

    private static RowKey KeyOf(TriggeredDefinition definition) => new(Partition, definition.Key);
}
