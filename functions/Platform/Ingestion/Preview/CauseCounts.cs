namespace DataPlatform.Ingestion.Preview;

/// <summary>Counts errors by column and rule. Inputs may have any number of unknown columns, so causes beyond a limit are counted by rule only.</summary>
internal sealed class CauseCounts
{
    private const int MaxCauses = 1000;

    private readonly Dictionary<(string? Column, string Rule), long> _counts = [];

    public void Add(BrokenValue error)
    {
        var cause = (error.Column, error.Rule);
        if (_counts.Count >= MaxCauses && !_counts.ContainsKey(cause))
            cause = (null, error.Rule);
        _counts[cause] = _counts.GetValueOrDefault(cause) + 1;
    }

    public IReadOnlyList<PreviewCause> ToList() =>
    [
        .. _counts.Select(cause => new PreviewCause(cause.Key.Column, cause.Key.Rule, cause.Value))
            .OrderByDescending(cause => cause.Errors).ThenBy(cause => cause.Column, StringComparer.Ordinal).ThenBy(cause => cause.Rule, StringComparer.Ordinal),
    ];
}
