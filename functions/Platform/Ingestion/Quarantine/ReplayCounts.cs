using System.Globalization;
using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What a replay finds.</summary>
/// <param name="Selected">Open rows that were asked for.</param>
/// <param name="Recovered">Of them, those that break no rule now.</param>
/// <param name="Remaining">Why the others stay, by what they break now.</param>
/// <param name="NotReplayable">Rows that cannot be checked again, and why.</param>
/// <param name="Whole">False when there are more rows than were looked at: replay again.</param>
public sealed record ReplayCounts(
    long Selected, long Recovered, IReadOnlyList<BatchCause> Remaining, IReadOnlyList<NotReplayable> NotReplayable, bool Whole)
{
    public static readonly ReplayCounts None = new(0, 0, [], [], true);

    /// <summary>In words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"recovers {Recovered:N0} of {Selected:N0}");

    public ReplayCounts Plus(ReplayCounts other) => new(
        Selected + other.Selected,
        Recovered + other.Recovered,
        [
            .. Remaining.Concat(other.Remaining).GroupBy(cause => cause.Id).Select(same => same.First() with
            {
                Open = same.Sum(cause => cause.Open),
                Examples = [.. same.SelectMany(cause => cause.Examples).Take(CauseTally.MaxExamples)],
                Values = [.. same.SelectMany(cause => cause.Values).GroupBy(value => value.Value).Select(value => new CauseValue(value.Key, value.Sum(one => one.Rows))).OrderByDescending(value => value.Rows).Take(10)],
            }).OrderByDescending(cause => cause.Open).ThenBy(cause => cause.Id, StringComparer.Ordinal),
        ],
        [.. NotReplayable.Concat(other.NotReplayable).GroupBy(item => item.Reason).Select(same => new NotReplayable(same.Key, same.Sum(item => item.Rows)))],
        Whole && other.Whole);
}
