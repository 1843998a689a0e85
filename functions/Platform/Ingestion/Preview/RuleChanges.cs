namespace DataPlatform.Ingestion.Preview;

/// <summary>Counts rows whose fate changes, by the rule that makes the change.</summary>
/// <param name="hidden">Columns whose values must not be shown.</param>
internal sealed class RuleChanges(IReadOnlySet<string> hidden)
{
    private const int MaxRules = 1000;
    private const int MaxExamples = 5;

    private readonly Dictionary<(string? Column, string Rule), DryRunRule> _rules = [];

    public long NewlyLoaded { get; private set; }

    public long NewlyBroken { get; private set; }

    public void Add(string batch, RowOutcome before, RowOutcome after)
    {
        if (before.Loads == after.Loads)
            return;
        NewlyLoaded += after.Loads ? 1 : 0;
        NewlyBroken += after.Loads ? 0 : 1;
        var kept = after.Loads ? before : after;
        foreach (var cause in kept.Causes.DistinctBy(cause => (cause.Column, cause.Rule)))
            Add(new DryRunRule(cause.Column, cause.Rule, after.Loads ? 1 : 0, after.Loads ? 0 : 1, [Example(batch, kept, after.Loads, cause)]));
    }

    public void Add(RuleChanges others)
    {
        NewlyLoaded += others.NewlyLoaded;
        NewlyBroken += others.NewlyBroken;
        foreach (var rule in others._rules.Values)
            Add(rule);
    }

    public IReadOnlyList<DryRunRule> ToList() =>
    [
        .. _rules.Values.OrderByDescending(rule => rule.NewlyLoaded + rule.NewlyBroken)
            .ThenBy(rule => rule.Column, StringComparer.Ordinal).ThenBy(rule => rule.Rule, StringComparer.Ordinal),
    ];

    private void Add(DryRunRule rule)
    {
        var key = (rule.Column, rule.Rule);
        if (_rules.Count >= MaxRules && !_rules.ContainsKey(key))
            key = (null, rule.Rule);
        if (!_rules.TryGetValue(key, out var known))
            known = new DryRunRule(key.Column, key.Rule, 0, 0, []);
        _rules[key] = known with
        {
            NewlyLoaded = known.NewlyLoaded + rule.NewlyLoaded,
            NewlyBroken = known.NewlyBroken + rule.NewlyBroken,
            Examples = known.Examples.Count < MaxExamples ? [.. known.Examples, .. rule.Examples.Take(MaxExamples - known.Examples.Count)] : known.Examples,
        };
    }

    private DryRunExample Example(string batch, RowOutcome row, bool loads, BrokenValue cause) => new(
        batch, row.Row, row.Broken?.Line, row.Broken?.Offset, loads, cause.Message, cause.Column is not null && hidden.Contains(cause.Column) ? null : cause.Value);
}
