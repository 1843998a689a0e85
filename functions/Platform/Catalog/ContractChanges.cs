namespace DataPlatform.Catalog;

/// <summary>Compares two versions of a contract.</summary>
public static class ContractChanges
{
    /// <returns>Every change, those of the dataset first, then those of its fields in their order.</returns>
    public static IReadOnlyList<ContractChange> Between(DatasetDefinition before, DatasetDefinition after)
    {
        var changes = new List<ContractChange>();
        Compare(changes, "$.writeDisposition", EnumNames.Of(before.WriteDisposition), EnumNames.Of(after.WriteDisposition), "batches do something else to the rows that are there");
        Compare(changes, "$.key", string.Join(", ", before.Key), string.Join(", ", after.Key), "other rows count as the same");
        Compare(changes, "$.unique", $"{before.Unique}", $"{after.Unique}", "other rows count as duplicates");
        Compare(changes, "$.dedupe.window", before.Dedupe is null ? null : $"{before.Dedupe.Window}", after.Dedupe is null ? null : $"{after.Dedupe.Window}", "other rows count as duplicates");
        if (before.Operational && after.Operational)
            Compare(changes, "$.orderBy", before.OrderBy, after.OrderBy, "another row is the latest");
        else if (before.Operational)
            changes.Add(new ContractChange("$.operational", ChangeClass.Breaking, "The operational store has its rows no more: readers of single rows get none."));
        else if (after.Operational)
            changes.Add(new ContractChange("$.operational", ChangeClass.Compatible, "The operational store keeps the latest row of each key."));
        Compare(changes, "$.partitionBy", string.Join(", ", before.PartitionBy), string.Join(", ", after.PartitionBy), "files lie elsewhere");
        Compare(changes, "$.timeZone", before.TimeZone, after.TimeZone, "the same text is another moment");
        CompareUnexpected(changes, before, after);
        CompareCsv(changes, before.Csv, after.Csv);
        if (before.Raw != after.Raw)
            changes.Add(new ContractChange("$.raw", ChangeClass.Compatible, $"The raw zone: {EnumNames.Of(after.Raw)}, was {EnumNames.Of(before.Raw)}."));
        if (before.Description != after.Description)
            changes.Add(new ContractChange("$.description", ChangeClass.Compatible, "The description changed."));
        CompareChecks(changes, before, after);
        CompareFields(changes, before, after);
        return changes;
    }

    internal static void Compare(List<ContractChange> changes, string path, string? before, string? after, string breaks)
    {
        if (before != after)
            changes.Add(new ContractChange(path, ChangeClass.Breaking, $"It is {Shown(after)}, was {Shown(before)}: {breaks}."));
    }

    internal static string Shown(string? value) => string.IsNullOrEmpty(value) ? "nothing" : $"'{ObjectReader.Shorten(value)}'";

    private static void CompareUnexpected(List<ContractChange> changes, DatasetDefinition before, DatasetDefinition after)
    {
        foreach (var (path, old, now) in (ReadOnlySpan<(string, UnexpectedPolicy, UnexpectedPolicy)>)
            [
                ("$.onUnexpected.columns", before.OnUnexpected.Columns, after.OnUnexpected.Columns),
                ("$.onUnexpected.types", before.OnUnexpected.Types, after.OnUnexpected.Types),
            ])
        {
            if (old == now)
                continue;
            var stricter = Strictness(now) > Strictness(old);
            changes.Add(new ContractChange(
                path, stricter ? ChangeClass.Breaking : ChangeClass.Compatible,
                $"It is {Shown(EnumNames.Of(now))}, was {Shown(EnumNames.Of(old))}{(stricter ? ": rows that were loaded may be refused" : "")}."));
        }
    }

    private static int Strictness(UnexpectedPolicy policy) => policy switch
    {
        UnexpectedPolicy.Evolve or UnexpectedPolicy.DiscardValue => 0,
        UnexpectedPolicy.Freeze => 2,
        _ => 1,
    };

    private static void CompareCsv(List<ContractChange> changes, CsvDialect before, CsvDialect after)
    {
        if (before with { NullTokens = [] } != after with { NullTokens = [] } || !before.NullTokens.SequenceEqual(after.NullTokens))
            changes.Add(new ContractChange("$.csv", ChangeClass.Breaking, "CSV is read in another way: files that were accepted may be refused."));
    }

    private static void CompareChecks(List<ContractChange> changes, DatasetDefinition before, DatasetDefinition after)
    {
        var old = before.Checks.ToDictionary(check => check.Name, StringComparer.Ordinal);
        for (var i = 0; i < after.Checks.Count; i++)
        {
            var check = after.Checks[i];
            var known = old.Remove(check.Name, out var was);
            if (known && was!.Condition == check.Condition && (was.OnFail == check.OnFail || check.OnFail == CheckAction.Warn))
                continue;
            changes.Add(new ContractChange(
                $"$.checks[{i}]", check.OnFail == CheckAction.Warn ? ChangeClass.Compatible : ChangeClass.Breaking,
                $"The check '{check.Name}' is {(known ? "another" : "new")}{(check.OnFail == CheckAction.Warn ? "" : ": rows that were loaded may be refused")}."));
        }

        foreach (var name in old.Keys)
            changes.Add(new ContractChange("$.checks", ChangeClass.Compatible, $"The check '{name}' is gone."));
    }

    private static void CompareFields(List<ContractChange> changes, DatasetDefinition before, DatasetDefinition after)
    {
        var old = before.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        for (var i = 0; i < after.Fields.Count; i++)
        {
            var field = after.Fields[i];
            if (old.Remove(field.Name, out var was))
            {
                FieldChanges.Compare(changes, $"$.fields[{i}]", was, field);
                continue;
            }

            var demanding = field is { Required: true, Default: null, Expression: null };
            changes.Add(new ContractChange(
                $"$.fields[{i}]", demanding ? ChangeClass.Breaking : ChangeClass.Compatible,
                $"The field '{field.Name}' is new{(demanding ? " and required: rows without it are refused; give it a 'default', or let it be optional" : "")}."));
        }

        foreach (var field in old.Values)
            changes.Add(new ContractChange("$.fields", ChangeClass.Breaking, $"The field '{field.Name}' is gone: readers find null in new rows, and senders who send it have an unknown field; leave it in, optional."));
    }
}
