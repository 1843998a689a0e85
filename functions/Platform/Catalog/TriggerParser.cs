using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Cronos;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks the triggers of pipelines and marts.</summary>
internal static partial class TriggerParser
{
    private const int MaxTriggers = 20;
    private const int MaxTables = 100;
    private static readonly string[] Kinds = ["schedule", "onChange", "after"];
    private static readonly (string Member, string Of)[] Options =
        [("timeZone", "schedule"), ("catchUp", "schedule"), ("debounce", "onChange"), ("on", "after")];

    private static readonly TimeSpan LongestDebounce = TimeSpan.FromHours(1);
    private static readonly DateTime AnyTime = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static IReadOnlyList<TriggerDefinition> Parse(ObjectReader parent)
    {
        var triggers = new List<TriggerDefinition>();
        foreach (var (element, path) in parent.Items("triggers", MaxTriggers))
        {
            if (ObjectReader.Open(element, path, parent.Mistakes) is not { } reader)
                continue;

            triggers.Add(Trigger(reader));
            reader.Close();
        }

        return triggers;
    }

    public static void CheckTimeZone(ObjectReader reader, string member, string timeZone)
    {
        // The shape first: the lookup would take other names as files.
        if (!ZoneShape().IsMatch(timeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _))
            reader.Mistakes.Add("InvalidTimeZone", reader.PathOf(member), $"'{ObjectReader.Shorten(timeZone)}' is not a known time zone: use an IANA name such as 'Europe/Berlin' or 'UTC'.");
    }

    private static TriggerDefinition Trigger(ObjectReader reader)
    {
        var trigger = new TriggerDefinition
        {
            Schedule = reader.Text("schedule"),
            TimeZone = reader.Text("timeZone"),
            CatchUp = reader.Choice("catchUp", CatchUp.Latest),
            OnChange = Names(reader, "onChange", NameRules.IsTableName, "a dataset, table or mart"),
            Debounce = reader.Text("debounce"),
            After = Names(reader, "after", NameRules.IsPipelineName, "a pipeline"),
            On = reader.Choice("on", RunOutcome.Success),
            Enabled = reader.Flag("enabled", fallback: true),
        };

        if (Kinds.Count(reader.Has) != 1)
            reader.Mistakes.Add("InvalidTrigger", reader.Path, "A trigger is either a 'schedule', 'onChange' or 'after': give exactly one; make a trigger for each.");
        if (trigger.Schedule is not null)
            CheckSchedule(reader, trigger.Schedule);
        if (trigger.TimeZone is not null)
            CheckTimeZone(reader, "timeZone", trigger.TimeZone);
        if (trigger.Debounce is not null && !(Iso8601Duration.TryParse(trigger.Debounce, out var debounce) && debounce <= LongestDebounce))
            reader.Mistakes.Add("InvalidDuration", reader.PathOf("debounce"), $"'{ObjectReader.Shorten(trigger.Debounce)}' is not an ISO 8601 duration of 1 second to 1 hour: write 'PT5S' or 'PT10M'.");

        foreach (var (member, of) in Options)
        {
            if (reader.Has(member) && !reader.Has(of))
                reader.Mistakes.Add("NotApplicable", reader.PathOf(member), $"'{member}' is for '{of}'. Remove it.");
        }

        return trigger;
    }

    private static List<string>? Names(ObjectReader reader, string member, Func<string, bool> isName, string what)
    {
        if (!reader.Has(member))
        {
            _ = reader.Items(member, MaxTables);
            return null;
        }

        var names = new List<string>();
        foreach (var (name, path) in reader.Texts(member, MaxTables, required: true))
        {
            if (isName(name))
                names.Add(name);
            else
                reader.Mistakes.Add("InvalidName", path, $"'{ObjectReader.Shorten(name)}' is not the name of {what}.");
        }

        return names;
    }

    private static void CheckSchedule(ObjectReader reader, string schedule)
    {
        if (!IsCron(schedule, out var cron))
            reader.Mistakes.Add("InvalidSchedule", reader.PathOf("schedule"), $"'{ObjectReader.Shorten(schedule)}' is not a five-field cron expression (minute hour day month weekday), such as '0 6 * * 1-5'.");
        else if (cron.GetNextOccurrence(AnyTime) is null)
            reader.Mistakes.Add("InvalidSchedule", reader.PathOf("schedule"), $"'{ObjectReader.Shorten(schedule)}' is never due: no month has that day.");
    }

    /// <summary>Cronos also reads six fields and words such as <c>@daily</c>.</summary>
    private static bool IsCron(string schedule, [NotNullWhen(true)] out CronExpression? cron)
    {
        cron = null;
        return !schedule.Contains('@', StringComparison.Ordinal) && CronExpression.TryParse(schedule, CronFormat.Standard, out cron);
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ZoneShape();
}
