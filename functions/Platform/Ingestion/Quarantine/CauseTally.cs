using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Counts the open rows of a batch by cause; bounded, whatever the rows are.</summary>
internal sealed class CauseTally(string batch)
{
    public const int MaxCauses = 50;
    public const int MaxExamples = 3;

    private const int MaxValues = 10;
    private const int MaxValueLength = 64;
    private const int MaxMessageLength = 300;

    private readonly Dictionary<CauseKey, Entry> _entries = [];
    private readonly HashSet<CauseKey> _ofRow = [];

    public long Rows { get; private set; }

    public void Add(long row, long? line, IReadOnlyList<BrokenValue> errors)
    {
        Rows++;
        _ofRow.Clear();
        foreach (var error in errors)
        {
            var key = CauseKey.Of(error);
            if (_entries.Count >= MaxCauses && !_entries.ContainsKey(key))
                key = CauseKey.Other;
            if (!_ofRow.Add(key))
                continue;
            if (!_entries.TryGetValue(key, out var entry))
                _entries.Add(key, entry = new Entry());
            entry.Add(new CauseExample(batch, row, line, error.Value));
        }
    }

    /// <summary>Those of most rows first.</summary>
    public IReadOnlyList<BatchCause> ToList() =>
    [
        .. _entries.Select(entry => entry.Value.ToCause(entry.Key)).OrderByDescending(cause => cause.Open).ThenBy(cause => cause.Id, StringComparer.Ordinal),
    ];

    private sealed class Entry
    {
        private readonly List<CauseExample> _examples = [];
        private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);
        private long _open;

        public void Add(CauseExample example)
        {
            _open++;
            if (_examples.Count < MaxExamples)
                _examples.Add(example);
            if (example.Value is { Length: <= MaxValueLength } value && (_values.Count < MaxValues || _values.ContainsKey(value)))
                _values[value] = _values.GetValueOrDefault(value) + 1;
        }

        public BatchCause ToCause(CauseKey key) => new(
            key.Id, key.Rule, key.Column,
            key.Message.Length <= MaxMessageLength ? key.Message : key.Message[..MaxMessageLength] + "…",
            _open, _examples,
            [.. _values.Select(value => new CauseValue(value.Key, value.Value)).OrderByDescending(value => value.Rows)]);
    }
}
