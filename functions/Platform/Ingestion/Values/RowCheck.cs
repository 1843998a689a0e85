using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>A contract's check over the row at hand.</summary>
internal sealed class RowCheck(CheckDefinition definition, TypedTerm<bool> condition)
{
    public CheckDefinition Definition { get; } = definition;

    /// <summary>Rows that broke it and were loaded all the same.</summary>
    public long Warnings { get; set; }

    public bool Holds(RowFault fault) => condition.TryGet(fault, out var holds) && holds;

    public RowError Error(RowFault fault) => new(null, RowRule.Check, fault.IsSet
        ? $"The check '{Definition.Name}' cannot be computed: {fault.Message}."
        : Definition.Message is { } message ? $"{Definition.Name}: {message}" : $"The row breaks the check '{Definition.Name}': {Definition.Condition}");
}
