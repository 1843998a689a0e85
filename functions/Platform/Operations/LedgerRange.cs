using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>The batches that started in a time.</summary>
/// <param name="From">Null for the first there is.</param>
/// <param name="To">Exclusive; null for the last there is.</param>
public sealed record LedgerRange(DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public static readonly LedgerRange All = new();

    public bool IsAll => From is null && To is null;

    public bool Contains(DateTimeOffset time) => (From is null || time >= From) && (To is null || time < To);

    /// <summary>Bounds of row ids that start with a batch's id.</summary>
    public (string? After, string? UpTo) IdsOf(string dataset) => (
        From is { } from ? BatchId.LowestAt(dataset, from) : null,
        To is { } to ? BatchId.LowestAt(dataset, to) : null);

    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>: it ends before it begins.</exception>
    public LedgerRange Checked() => From >= To
        ? throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'to' is not behind 'from'.", "to")
        : this;
}
