using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>What is told of a value that breaks a rule.</summary>
internal static class RuleMessage
{
    private const int MaxValue = 256;

    public static RowError For(ColumnSlot slot, RowRule rule, string? value)
    {
        var field = slot.Field;
        return new RowError(field.InputName, rule, rule switch
        {
            RowRule.Required => "A value is required.",
            RowRule.Min => $"The smallest value allowed is {field.Min}.",
            RowRule.Max => $"The largest value allowed is {field.Max}.",
            RowRule.MinLength => $"The shortest length allowed is {field.MinLength}.",
            RowRule.MaxLength => $"The greatest length allowed is {field.MaxLength}.",
            RowRule.Pattern => $"The text does not match {field.Pattern}.",
            RowRule.Enum => $"The value is none of: {string.Join(", ", field.Enum ?? [])}.",
            RowRule.Json => "A text in this value has half of a surrogate pair.",
            RowRule.Encoding => "A text is not UTF-8.",
            RowRule.Size => "The value is longer than is read.",
            RowRule.DuplicateMember => "The object has this member twice.",
            RowRule.Partition => "The table's files are divided by this field, and Delta tables read this text as NULL there.",
            RowRule.Type when field.Formats is { } formats => $"This is not a {EnumNames.Of(field.Type)} in the format {string.Join(" or ", formats)}.",
            _ => $"This is not {Describe(slot.Column)}.",
        }, value);
    }

    /// <summary>A value for an error message: cut off, with what is not UTF-8 replaced.</summary>
    public static string Show(ReadOnlySpan<byte> value)
    {
        var cut = value.Length > MaxValue;
        var text = System.Text.Encoding.UTF8.GetString(cut ? value[..MaxValue] : value);
        return cut ? text + "…" : text;
    }

    public static string Describe(StoredColumn column) => column.Type switch
    {
        FieldType.Bool => "true or false",
        FieldType.Int32 => "a whole number of 32 bits",
        FieldType.Int64 => "a whole number of 64 bits",
        FieldType.Float64 => "a finite number of 64 bits",
        FieldType.Decimal => $"a decimal of {column.Precision} digits with {column.Scale} behind the point",
        FieldType.Date => "a date like 2024-12-31",
        FieldType.Time => "a time like 23:59:59.123456",
        FieldType.Timestamp => "a timestamp like 2024-12-31T23:59:59.123456Z in a time the contract's zone has",
        FieldType.Uuid => "a UUID of 36 characters",
        FieldType.Binary => "Base64",
        FieldType.Json => "a JSON value",
        _ => "text",
    };
}
