using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Batches;

/// <summary>A field as it reads values that went through its contract already: nothing is prepared a second time.</summary>
internal static class StoredForm
{
    public static FieldDefinition Of(FieldDefinition field) => field with
    {
        Source = null,
        NullTokens = null,
        Trim = false,
        Case = null,
        Formats = null,
        TimeZone = null,
        Expression = null,
        Default = null,
        Pii = null,
        Min = field.Pii is null ? field.Min : null,
        Max = field.Pii is null ? field.Max : null,
        MinLength = field.Pii is null ? field.MinLength : null,
        MaxLength = field.Pii is null ? field.MaxLength : null,
        Pattern = field.Pii is null ? field.Pattern : null,
        Enum = field.Pii is null ? field.Enum : null,
    };
}
