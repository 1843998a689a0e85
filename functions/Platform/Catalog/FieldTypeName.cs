using System.Text.RegularExpressions;

namespace DataPlatform.Catalog;

/// <summary>Field types as documents write them: <c>int32</c>, <c>decimal(10,2)</c>.</summary>
public static partial class FieldTypeName
{
    public const int MaxPrecision = 38;

    /// <summary>The words, with an example for the one that takes digits.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. EnumNames.All<FieldType>().Select(name => name == "decimal" ? "decimal(18,2)" : name)];

    public static string Of(FieldDefinition field) =>
        field.Type == FieldType.Decimal ? $"decimal({field.Precision},{field.Scale})" : EnumNames.Of(field.Type);

    /// <summary>The type of a table's column, in Delta's words.</summary>
    public static string InTables(FieldType type, int precision, int scale) => type switch
    {
        FieldType.Bool => "boolean",
        FieldType.Int32 => "integer",
        FieldType.Int64 => "long",
        FieldType.Float64 => "double",
        FieldType.Decimal => $"decimal({precision},{scale})",
        FieldType.Date => "date",
        FieldType.Timestamp => "timestamp",
        FieldType.Binary => "binary",
        _ => "string",
    };

    /// <returns>What is wrong with the name, or null when it was read.</returns>
    public static string? Parse(string name, out FieldType type, out int precision, out int scale)
    {
        (precision, scale) = (0, 0);
        if (EnumNames.TryParse(name, out type))
            return type == FieldType.Decimal ? "'decimal' needs its digits, total and behind the point, as in 'decimal(18,2)'." : null;

        if (Decimal().Match(name) is { Success: true } match)
        {
            type = FieldType.Decimal;
            precision = int.Parse(match.Groups["precision"].ValueSpan);
            scale = int.Parse(match.Groups["scale"].ValueSpan);
            return precision is >= 1 and <= MaxPrecision && scale <= precision
                ? null
                : $"'{name}' has digits out of range: 1 to {MaxPrecision} in total, and no more behind the point than in total.";
        }

        return $"'{Shorten(name)}' is not a type. Use one of {DidYouMean.OneOf(All)}.{DidYouMean.Sentence(name, All)}";
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    [GeneratedRegex(@"^decimal\( ?(?<precision>[0-9]{1,3}) ?, ?(?<scale>[0-9]{1,3}) ?\)\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Decimal();
}
