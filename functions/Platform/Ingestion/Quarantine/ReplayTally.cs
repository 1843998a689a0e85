using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What a replay finds in the quarantine of one batch.</summary>
internal sealed class ReplayTally(string batch)
{
    private readonly SortedDictionary<string, long> _notReplayable = new(StringComparer.Ordinal);

    /// <summary>Open rows that were asked for.</summary>
    public long Selected { get; private set; }

    /// <summary>Rows that broke no rule.</summary>
    public RowSet Passed { get; } = new();

    /// <summary>Of the rows that passed, as they came.</summary>
    public long PassedBytes { get; private set; }

    /// <summary>Rows that broke one, by cause.</summary>
    public CauseTally Failed { get; } = new(batch);

    /// <summary>False when there are more rows than one replay takes.</summary>
    public bool IsWhole { get; set; } = true;

    /// <summary>What becomes of the rows that passed, as far as they tell by themselves; not counted where they are loaded.</summary>
    public (long Loaded, long Duplicate, long Discarded) Fates { get; set; }

    public IReadOnlyList<NotReplayable> NotReplayable => [.. _notReplayable.Select(item => new NotReplayable(item.Key, item.Value))];

    public void Select() => Selected++;

    public void Pass(long row, long bytes)
    {
        Passed.Add(row);
        PassedBytes += bytes;
    }

    public void Fail(long row, long? line, IReadOnlyList<BrokenValue> errors) => Failed.Add(row, line, errors);

    public void Refuse(string reason) => _notReplayable[reason] = _notReplayable.GetValueOrDefault(reason) + 1;

    public ReplayCounts ToCounts() => new(Selected, Passed.Count, Failed.ToList(), NotReplayable, IsWhole);
}
