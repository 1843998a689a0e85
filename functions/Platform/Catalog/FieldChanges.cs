using DataPlatform.Tables;

namespace DataPlatform.Catalog;

/// <summary>Compares two versions of a contract's field.</summary>
internal static class FieldChanges
{
    private const string Refused = "rows that were loaded may be refused";
    private const string Other = "readers find other values";

    public static void Compare(List<ContractChange> changes, string path, FieldDefinition before, FieldDefinition after)
    {
        if (WiderTypes.IsWider(TypeOf(after), TypeOf(before)))
            changes.Add(new ContractChange($"{path}.type", ChangeClass.Compatible, $"'type' is {FieldTypeName.Of(after)}, was {FieldTypeName.Of(before)}, whose values it holds all."));
        else
            ContractChanges.Compare(changes, $"{path}.type", FieldTypeName.Of(before), FieldTypeName.Of(after), "readers rely on its type; take another name");
        ContractChanges.Compare(changes, $"{path}.source", before.InputName, after.InputName, "senders write the name it was");
        ContractChanges.Compare(changes, $"{path}.case", before.Case?.ToString(), after.Case?.ToString(), Other);
        ContractChanges.Compare(changes, $"{path}.expression", before.Expression, after.Expression, Other);
        ContractChanges.Compare(changes, $"{path}.pii", before.Pii?.ToString(), after.Pii?.ToString(), Other);
        ContractChanges.Compare(changes, $"{path}.unit", before.Unit, after.Unit, "the same number means something else");
        ContractChanges.Compare(changes, $"{path}.timeZone", before.TimeZone, after.TimeZone, "the same text is another moment");
        Loosens(changes, $"{path}.required", before.Required, after.Required, tighter: after.Required && after.Default is null && after.Expression is null, "required");
        Loosens(changes, $"{path}.default", before.Default, after.Default, tighter: after is { Default: null, Required: true }, "default");
        Loosens(changes, $"{path}.trim", before.Trim, after.Trim, tighter: before.Trim, "trim");
        Loosens(changes, $"{path}.min", before.Min?.Text, after.Min?.Text, IsTighter(before.Min, after.Min, sign: 1), "min");
        Loosens(changes, $"{path}.max", before.Max?.Text, after.Max?.Text, IsTighter(before.Max, after.Max, sign: -1), "max");
        Loosens(changes, $"{path}.minLength", before.MinLength, after.MinLength, (after.MinLength ?? 0) > (before.MinLength ?? 0), "minLength");
        Loosens(changes, $"{path}.maxLength", before.MaxLength, after.MaxLength, (after.MaxLength ?? int.MaxValue) < (before.MaxLength ?? int.MaxValue), "maxLength");
        Loosens(changes, $"{path}.pattern", before.Pattern, after.Pattern, after.Pattern is not null, "pattern");
        Lists(changes, $"{path}.enum", before.Enum, after.Enum, emptyIsAll: true, "enum");
        Lists(changes, $"{path}.formats", before.Formats ?? ["iso"], after.Formats ?? ["iso"], emptyIsAll: false, "formats");
        Lists(changes, $"{path}.nullTokens", before.NullTokens ?? [], after.NullTokens ?? [], emptyIsAll: false, "nullTokens");
        if (before.Description != after.Description)
            changes.Add(new ContractChange($"{path}.description", ChangeClass.Compatible, "The description changed."));
    }

    private static string TypeOf(FieldDefinition field) => FieldTypeName.InTables(field.Type, field.Precision, field.Scale);

    private static void Loosens<T>(List<ContractChange> changes, string path, T before, T after, bool tighter, string member)
    {
        if (EqualityComparer<T>.Default.Equals(before, after))
            return;
        changes.Add(new ContractChange(
            path, tighter ? ChangeClass.Breaking : ChangeClass.Compatible,
            $"'{member}' is {ContractChanges.Shown(after?.ToString())}, was {ContractChanges.Shown(before?.ToString())}{(tighter ? $": {Refused}" : "")}."));
    }

    /// <param name="emptyIsAll">Whether having no list allows everything.</param>
    private static void Lists(
        List<ContractChange> changes, string path, IReadOnlyList<string>? before, IReadOnlyList<string>? after, bool emptyIsAll, string member)
    {
        if ((before ?? []).SequenceEqual(after ?? [], StringComparer.Ordinal) && (before is null == after is null))
            return;
        var lost = emptyIsAll && before is null ? after : emptyIsAll && after is null ? [] : before!.Except(after!, StringComparer.Ordinal);
        var tighter = lost!.Any();
        changes.Add(new ContractChange(
            path, tighter ? ChangeClass.Breaking : ChangeClass.Compatible,
            $"'{member}' is {ContractChanges.Shown(string.Join(", ", after ?? []))}, was {ContractChanges.Shown(string.Join(", ", before ?? []))}{(tighter ? $": {Refused}" : "")}."));
    }

    private static bool IsTighter(FieldBound? before, FieldBound? after, int sign)
    {
        if (after is not { } now || before is not { } old)
            return after is not null;

        // Dates and times of one form are in the order of their texts; of two forms, who knows.
        return ExactNumber.TryParse(old.Text, out var was) && ExactNumber.TryParse(now.Text, out var number)
            ? ExactNumber.Compare(number, was) * sign > 0
            : now.Text.Length != old.Text.Length || string.CompareOrdinal(now.Text, old.Text) * sign > 0;
    }
}
