using System.Globalization;
using System.Numerics;

namespace DataPlatform.Catalog;

/// <summary>Finds members of a field that say nothing about values of its type, and bounds that its values cannot reach.</summary>
internal static class FieldRules
{
    private static readonly (string Member, string For, FieldType[] Types)[] Applicable =
    [
        ("min", "numbers, dates, times and timestamps", [FieldType.Int32, FieldType.Int64, FieldType.Float64, FieldType.Decimal, FieldType.Date, FieldType.Time, FieldType.Timestamp]),
        ("max", "numbers, dates, times and timestamps", [FieldType.Int32, FieldType.Int64, FieldType.Float64, FieldType.Decimal, FieldType.Date, FieldType.Time, FieldType.Timestamp]),
        ("minLength", "text and binary", [FieldType.String, FieldType.Binary]),
        ("maxLength", "text and binary", [FieldType.String, FieldType.Binary]),
        ("pattern", "text", [FieldType.String]),
        ("case", "text", [FieldType.String]),
        ("enum", "text and numbers", [FieldType.String, FieldType.Int32, FieldType.Int64, FieldType.Float64, FieldType.Decimal]),
        ("formats", "dates, times and timestamps", [FieldType.Date, FieldType.Time, FieldType.Timestamp]),
        ("timeZone", "timestamps", [FieldType.Timestamp]),
    ];

    private static readonly ExactNumber Largest = new((BigInteger)double.MaxValue, 0);
    private static readonly string[] DateForms = ["yyyy-MM-dd"];
    private static readonly string[] TimeForms = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFF"];
    private static readonly string[] TimestampForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", "yyyy-MM-dd'T'HH:mm'Z'"];

    public static void Check(ObjectReader reader, FieldDefinition field)
    {
        foreach (var (member, kinds, types) in Applicable)
        {
            if (reader.Has(member) && !types.Contains(field.Type))
                reader.Mistakes.Add("NotApplicable", reader.PathOf(member), $"'{member}' is for {kinds}; the field is {EnumNames.Of(field.Type)}. Remove it.");
        }

        CheckBounds(reader, field);
        CheckChoice(reader, field);
        CheckFormats(reader, field);
        if (field.TimeZone is { } zone)
            TriggerParser.CheckTimeZone(reader, "timeZone", zone);
        if (field.Pii is PiiRule.Hash or PiiRule.Mask && field.Type != FieldType.String)
            reader.Mistakes.Add("NotApplicable", reader.PathOf("pii"), $"'{EnumNames.Of(field.Pii.Value)}' makes a text; the field is {EnumNames.Of(field.Type)}. Say \"drop\", or make it a string.");
    }

    private static void CheckBounds(ObjectReader reader, FieldDefinition field)
    {
        if (field.MinLength > field.MaxLength)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("minLength"), $"'minLength' ({field.MinLength}) is above 'maxLength' ({field.MaxLength}): no value could pass.");
        if (!Applicable[0].Types.Contains(field.Type))
            return;

        var (low, high) = (Order(reader, field, "min", field.Min), Order(reader, field, "max", field.Max));
        if (low is not null && high is not null && ExactNumber.Compare(low.Value, high.Value) > 0)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("min"), $"'min' ({field.Min}) is above 'max' ({field.Max}): no value could pass.");
    }

    /// <returns>A value to compare by; null when there is none, or none of the field's type, which is noted.</returns>
    private static ExactNumber? Order(ObjectReader reader, FieldDefinition field, string member, FieldBound? bound)
    {
        if (bound is not { } value)
            return null;

        var form = field.Type switch
        {
            FieldType.Date => DateForms,
            FieldType.Time => TimeForms,
            FieldType.Timestamp => TimestampForms,
            _ => null,
        };
        if (form is null)
        {
            if (ExactNumber.TryParse(value.Text, out var number) && Fits(field, number))
                return number;
            reader.Mistakes.Add("OutOfRange", reader.PathOf(member), $"{ObjectReader.Shorten(value.Text)} is not a value of {FieldTypeName.Of(field)}: choose a bound that is.");
            return null;
        }

        if (DateTimeOffset.TryParseExact(value.Text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
            return new ExactNumber(moment.UtcTicks, 0);
        var example = field.Type switch
        {
            FieldType.Date => "2026-12-31",
            FieldType.Time => "23:59:59",
            _ => "2026-12-31T23:59:59Z",
        };
        reader.Mistakes.Add("OutOfRange", reader.PathOf(member), $"'{ObjectReader.Shorten(value.Text)}' is not a {EnumNames.Of(field.Type)}: write it like \"{example}\".");
        return null;
    }

    private static void CheckChoice(ObjectReader reader, FieldDefinition field)
    {
        if (field.Enum is not { } choice || field.Type == FieldType.String || !Applicable[6].Types.Contains(field.Type))
            return;
        foreach (var value in choice.Where(value => !ExactNumber.TryParse(value, out var number) || !Fits(field, number)))
            reader.Mistakes.Add("OutOfRange", reader.PathOf("enum"), $"{ObjectReader.Shorten(value)} is not a value of {FieldTypeName.Of(field)}: leave it out.");
    }

    private static void CheckFormats(ObjectReader reader, FieldDefinition field)
    {
        if (field.Type is not (FieldType.Date or FieldType.Time or FieldType.Timestamp))
            return;
        for (var i = 0; i < (field.Formats?.Count ?? 0); i++)
        {
            if (DatePattern.Parse(field.Formats![i], field.Type, out var fault) is null)
                reader.Mistakes.Add("InvalidFormat", $"{reader.PathOf("formats")}[{i}]", $"'{ObjectReader.Shorten(field.Formats[i])}' is no format of a {EnumNames.Of(field.Type)}: {fault}. Write it like 'dd.MM.yyyy HH:mm'.");
        }
    }

    private static bool Fits(FieldDefinition field, ExactNumber number) => field.Type switch
    {
        FieldType.Int32 => number.IsBetween(int.MinValue, int.MaxValue),
        FieldType.Int64 => number.IsBetween(long.MinValue, long.MaxValue),
        FieldType.Decimal => number.Fits(field.Precision, field.Scale),
        FieldType.Float64 => ExactNumber.Compare(number with { Unscaled = BigInteger.Abs(number.Unscaled) }, Largest) <= 0,
        _ => true,
    };
}
