using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A contract for rows whose personal values are protected already: they are not protected again, and no rule looks at them.</summary>
internal static class RedactedContract
{
    /// <param name="personal">Input names of the fields that were protected.</param>
    public static ContractPlan Of(ContractPlan plan, IReadOnlySet<string> personal)
    {
        var definition = plan.Definition;
        var names = definition.Fields.Where(field => personal.Contains(field.InputName)).Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var kept = Enumerable.Range(0, definition.Checks.Count).Where(i => !TextExpression.NamesIn(plan.Conditions[i].Tree).Any(names.Contains)).ToList();
        return new ContractPlan(
            definition with
            {
                Fields = [.. definition.Fields.Select(field => names.Contains(field.Name) ? Bare(field) : field)],
                Checks = [.. kept.Select(i => definition.Checks[i])],
                Raw = RawPolicy.None,
            },
            plan.Expressions.Where(item => !names.Contains(definition.Fields[item.Key].Name)).ToDictionary(),
            [.. kept.Select(i => plan.Conditions[i])],
            plan.PiiKey);
    }

    /// <returns>A field whose expression reads a protected value, or null.</returns>
    public static FieldDefinition? Dependent(ContractPlan plan, IReadOnlySet<string> personal)
    {
        var names = plan.Definition.Fields.Where(field => personal.Contains(field.InputName)).Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var index = plan.Expressions.Where(item => !names.Contains(plan.Definition.Fields[item.Key].Name) && TextExpression.NamesIn(item.Value.Tree).Any(names.Contains))
            .Select(item => (int?)item.Key).FirstOrDefault();
        return index is { } found ? plan.Definition.Fields[found] : null;
    }

    private static FieldDefinition Bare(FieldDefinition field) => new()
    {
        Name = field.Name,
        Type = field.Type,
        Precision = field.Precision,
        Scale = field.Scale,
        Source = field.Source,
    };
}
