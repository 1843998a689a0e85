namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A cause over several batches.</summary>
internal sealed class CauseGroup
{
    private readonly List<CauseExample> _examples = [];
    private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);
    private BatchCause _cause = null!;
    private DateTimeOffset _first = DateTimeOffset.MaxValue;
    private DateTimeOffset _last;
    private long _batches;

    public long Open { get; private set; }

    public string Id => _cause.Id;

    public void Add(QuarantinedBatch batch, BatchCause cause)
    {
        _cause = cause;
        _first = batch.Started < _first ? batch.Started : _first;
        _last = batch.Started > _last ? batch.Started : _last;
        _batches++;
        Open += cause.Open;
        _examples.AddRange(cause.Examples.Take(CauseTally.MaxExamples - _examples.Count));
        foreach (var value in cause.Values)
            _values[value.Value] = _values.GetValueOrDefault(value.Value) + value.Rows;
    }

    public QuarantineCause ToCause(FixSuggester fixes)
    {
        IReadOnlyList<CauseValue> values = [.. _values.Select(value => new CauseValue(value.Key, value.Value)).OrderByDescending(value => value.Rows).ThenBy(value => value.Value, StringComparer.Ordinal)];
        return new QuarantineCause(
            _cause.Id, _cause.Rule, _cause.Column, _cause.Message, Open, _batches, _first, _last, _examples, fixes.Suggest(_cause.Rule, _cause.Column, values));
    }
}
