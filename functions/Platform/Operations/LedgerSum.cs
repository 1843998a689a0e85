namespace DataPlatform.Operations;

/// <summary>Adds up batches.</summary>
internal sealed class LedgerSum
{
    private readonly SortedDictionary<string, long> _services = new(StringComparer.Ordinal);

    public LedgerTotals Totals { get; private set; } = new();

    public long Rejected { get; private set; }

    public IReadOnlyDictionary<string, long> Services => _services;

    public void Add(LedgerEntry entry)
    {
        Totals = Totals.Plus(entry);
        _services[entry.Service] = _services.GetValueOrDefault(entry.Service) + 1;
    }

    public void Add(TakenFromQuarantine taken) => Totals = Totals.Plus(taken);

    public void AddRejected() => Rejected++;
}
