using System.Text.RegularExpressions;
using Cronos;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks the triggers of pipelines and marts.</summary>
internal static partial class TriggerParser
{
    private const int MaxTriggers = 20;
    private const int MaxTables = 100;

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
            OnChange = reader.Has("onChange") ? Tables(reader) : Absent(reader),
        };

        if (reader.Has("schedule") == reader.Has("onChange"))
            reader.Mistakes.Add("InvalidTrigger", reader.Path, "A trigger is either a 'schedule' or 'onChange': give exactly one; make two triggers for both.");
        if (trigger.Schedule is not null && !IsCron(trigger.Schedule))
            reader.Mistakes.Add("InvalidSchedule", reader.PathOf("schedule"), $"'{ObjectReader.Shorten(trigger.Schedule)}' is not a five-field cron expression (minute hour day month weekday), such as '0 6 * * 1-5'.");
        if (trigger.TimeZone is not null)
        {
            CheckTimeZone(reader, "timeZone", trigger.TimeZone);
            if (!reader.Has("schedule"))
                reader.Mistakes.Add("NotApplicable", reader.PathOf("timeZone"), "'timeZone' is for 'schedule'. Remove it.");
        }

        return trigger;
    }

    private static List<string> Tables(ObjectReader reader)
    {
        var tables = new List<string>();
        foreach (var (name, path) in reader.Texts("onChange", MaxTables, required: true))
        {
            if (NameRules.IsTableName(name))
                tables.Add(name);
            else
                reader.Mistakes.Add("InvalidName", path, $"'{ObjectReader.Shorten(name)}' is not the name of a dataset, table or mart.");
        }

        return tables;
    }

    private static List<string>? Absent(ObjectReader reader)
    {
        _ = reader.Items("onChange", MaxTables);
        return null;
    }

    /// <summary>Cronos also reads six fields and words such as <c>@daily</c>.</summary>
    private static bool IsCron(string schedule) =>
        !schedule.Contains('@', StringComparison.Ordinal) && CronExpression.TryParse(schedule, CronFormat.Standard, out _);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ZoneShape();
}
