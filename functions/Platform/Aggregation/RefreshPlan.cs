using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>What a refresh computes from what, pinned before it begins.</summary>
/// <param name="DefinitionVersion">Of the mart.</param>
/// <param name="SourceTableId">Delta's id of the source.</param>
/// <param name="SourceVersion">The table version of the source that is read.</param>
/// <param name="MartVersion">The mart's newest table version; -1 when it has none yet.</param>
/// <param name="NothingNew">The mart holds this very version by this very definition already.</param>
public sealed record RefreshPlan(
    string Mart,
    long DefinitionVersion,
    TableName Source,
    string SourceTableId,
    long SourceVersion,
    long? SourceRows,
    long MartVersion,
    bool NothingNew)
{
    /// <summary>What it was asked to compute besides what changed; null for nothing.</summary>
    public RefreshWish? Wish { get; init; }

    /// <summary>The mart's <c>txn</c> that holds the source's version.</summary>
    internal string SourceAppId => AppIdOf(Mart, Source.Name, SourceTableId);

    /// <summary>The mart's <c>txn</c> that holds its definition's version.</summary>
    internal string DefinitionAppId => DefinitionAppIdOf(Mart);

    /// <summary>Whether the mart at a version shows at least what this plan would make it show.</summary>
    /// <param name="definition">The plan's. A mart that an earlier release computed by it may lack what this one stores.</param>
    internal bool IsCoveredBy(Snapshot mart, MartDefinition definition) =>
        mart.Transactions.TryGetValue(DefinitionAppId, out var computed)
        && (computed > DefinitionVersion || (computed == DefinitionVersion && HasColumns(mart, definition)))
        && mart.Transactions.TryGetValue(SourceAppId, out var version) && version >= SourceVersion;

    /// <summary>Whether the mart was computed by a newer definition, which this plan must not take back.</summary>
    internal bool IsOutdatedBy(Snapshot mart) =>
        mart.Transactions.TryGetValue(DefinitionAppId, out var definition) && definition > DefinitionVersion;

    /// <summary>Whether the mart holds a newer version of the source.</summary>
    internal bool IsOvertakenBy(Snapshot mart) => mart.Transactions.TryGetValue(SourceAppId, out var version) && version > SourceVersion;

    internal static string DefinitionAppIdOf(string mart) => $"{mart}/definition";

    internal static string AppIdOf(string mart, string source, string tableId) => $"{mart}/refresh/{source}/{tableId}";

    internal static bool HasColumns(Snapshot mart, MartDefinition definition) =>
        !MeasureStorage.Columns(definition).Except(mart.Columns.Select(column => column.Name), StringComparer.Ordinal).Any();
}
