using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Values;

/// <content>What becomes of values that are not of their field's type (<c>onUnexpected.types</c>).</content>
internal sealed partial class RowCollector
{
    /// <returns>False when the value breaks its row all the same.</returns>
    private bool TryTolerate(ColumnSlot slot, ReadOnlySpan<byte> text)
    {
        switch (_definition.OnUnexpected.Types)
        {
            case UnexpectedPolicy.Freeze:
                throw new TerminalException(FailureKind.Conflict, "UnexpectedType",
                    $"Row {Received + 1} has a value in '{slot.Field.InputName}' that is not {RuleMessage.Describe(slot.Column)}, and the contract of "
                    + $"'{_definition.Name}' says 'freeze' to that. Nothing was stored. Correct the value, or say otherwise in 'onUnexpected.types'.",
                    slot.Field.InputName);
            case UnexpectedPolicy.DiscardRow:
                Discard();
                return true;
            case UnexpectedPolicy.DiscardValue:
                return slot is not { Required: true, IsLate: false };
            default:
                return slot is not { Required: true, IsLate: false } && TryPutVariant(slot, text);
        }
    }

    private bool TryPutVariant(ColumnSlot slot, ReadOnlySpan<byte> text)
    {
        if (!_variants.TryGetValue(slot, out var variant))
        {
            var name = slot.Column.Name + UnexpectedRules.VariantSuffix;
            variant = _slots.Find(other => other.Column.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (variant is null && (!_tableColumns.TryGetValue(name, out var known) || StoredColumn.Of(known).Type == FieldType.String)
                && _slots.Count < _limits.MaxColumns && ColumnName().IsMatch(name))
            {
                name = known?.Name ?? name;
                var column = new StoredColumn(name, FieldType.String);
                variant = new ColumnSlot(new FieldDefinition { Name = name, Type = FieldType.String, Source = "\0" + name }, column, new EvolvedTextParser(), required: false);
                AddSlot(variant);
            }

            _variants.Add(slot, variant);
        }

        if (variant is null || variant.Column.Type != FieldType.String || IsSet(variant) || !System.Text.Unicode.Utf8.IsValid(text))
            return false;
        if (slot.Field.Pii is { } rule)
        {
            // Nothing of another type is left of what is dropped anyway.
            if (Redaction!.Protector.TryProtect(text, rule, out var kept))
                variant.Parser.Append(kept);
            return true;
        }

        return variant.Parser.Append(text) == RowRule.None;
    }

    /// <summary>Columns that came while rows were read have no value in most of them.</summary>
    private void FillVariants()
    {
        foreach (var variant in _variants.Values)
        {
            if (variant is not null && !IsSet(variant))
                variant.Buffer.AppendNull();
        }
    }
}
