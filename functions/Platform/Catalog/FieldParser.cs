using System.Text.RegularExpressions;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks one field of a contract.</summary>
internal static class FieldParser
{
    private const int MaxEnum = 1000;
    private const int MaxPattern = 1000;
    private const int MaxSource = 256;

    /// <returns>Null when the field has no usable name or type; that is noted.</returns>
    public static FieldDefinition? Parse(ObjectReader reader)
    {
        var name = Name(reader);
        var type = Type(reader, out var precision, out var scale);
        var field = new FieldDefinition
        {
            Name = name ?? "",
            Type = type ?? FieldType.String,
            Precision = precision,
            Scale = scale,
            Source = reader.Text("source", maxLength: MaxSource),
            Required = reader.Flag("required"),
            Min = reader.Number("min"),
            Max = reader.Number("max"),
            MinLength = reader.Length("minLength"),
            MaxLength = reader.Length("maxLength"),
            Pattern = reader.Text("pattern", maxLength: MaxPattern),
            Enum = reader.Has("enum") ? [.. reader.Texts("enum", MaxEnum, required: true).Select(item => item.Text)] : Absent(reader),
            Unit = reader.Text("unit"),
            Description = reader.Text("description"),
        };

        if (field.Source is "")
            reader.Mistakes.Add("EmptyText", reader.PathOf("source"), "'source' must not be empty: leave it out when the input has the field's name.");
        CheckOrder(reader, field);
        CheckPattern(reader, field);
        if (type is not null)
            CheckApplies(reader, field);
        return name is null || type is null ? null : field;
    }

    private static string? Name(ObjectReader reader)
    {
        if (reader.Text("name", required: true) is not { } name)
            return null;
        if (SystemColumns.All.Contains(name, StringComparer.OrdinalIgnoreCase))
            reader.Mistakes.Add("ReservedName", reader.PathOf("name"), $"'{name}' is a column that the platform adds itself: take another name, and give 'source' if the input has this one.");
        else if (!NameRules.IsFieldName(name))
            reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a field: start with a letter or '_', then up to 127 letters (A-Z, a-z), digits and '_'. Name the input's header in 'source'.");
        else
            return name;
        return null;
    }

    private static FieldType? Type(ObjectReader reader, out int precision, out int scale)
    {
        (precision, scale) = (0, 0);
        if (reader.Text("type", required: true) is not { } text)
            return null;
        if (FieldTypeName.Parse(text, out var type, out precision, out scale) is not { } fault)
            return type;

        reader.Mistakes.Add("InvalidType", reader.PathOf("type"), fault);
        return null;
    }

    /// <summary>Asks for the member all the same, so that it counts as known.</summary>
    private static string[]? Absent(ObjectReader reader)
    {
        _ = reader.Items("enum", MaxEnum);
        return null;
    }

    private static void CheckOrder(ObjectReader reader, FieldDefinition field)
    {
        if (field.Min > field.Max)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("min"), $"'min' ({field.Min}) is above 'max' ({field.Max}): no value could pass.");
        if (field.MinLength > field.MaxLength)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("minLength"), $"'minLength' ({field.MinLength}) is above 'maxLength' ({field.MaxLength}): no value could pass.");
    }

    private static void CheckPattern(ObjectReader reader, FieldDefinition field)
    {
        if (field.Pattern is null)
            return;

        try
        {
            _ = new Regex(field.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException exception)
        {
            reader.Mistakes.Add("InvalidPattern", reader.PathOf("pattern"), $"This is not a regular expression: {exception.Message}");
        }
        catch (NotSupportedException)
        {
            reader.Mistakes.Add("InvalidPattern", reader.PathOf("pattern"), "Patterns must run in linear time: no lookaround, backreferences, atomic groups or conditionals, and no very large counts.");
        }
    }

    /// <summary>Rules that say nothing about values of the field's type, and bounds that its values cannot reach.</summary>
    private static void CheckApplies(ObjectReader reader, FieldDefinition field)
    {
        var number = field.Type is FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal;
        foreach (var rule in (ReadOnlySpan<string>)["min", "max"])
        {
            if (!reader.Has(rule))
                continue;
            if (!number)
                reader.Mistakes.Add("NotApplicable", reader.PathOf(rule), $"'{rule}' is for numbers; the field is {EnumNames.Of(field.Type)}. Remove it.");
            else if ((rule == "min" ? field.Min : field.Max) is { } bound && !Fits(field, bound))
                reader.Mistakes.Add("OutOfRange", reader.PathOf(rule), $"{bound} is not a value of {FieldTypeName.Of(field)}: choose a bound that is.");
        }

        foreach (var rule in (ReadOnlySpan<string>)["minLength", "maxLength", "pattern", "enum"])
        {
            if (reader.Has(rule) && field.Type != FieldType.String)
                reader.Mistakes.Add("NotApplicable", reader.PathOf(rule), $"'{rule}' is for text; the field is {EnumNames.Of(field.Type)}. Remove it.");
        }
    }

    private static bool Fits(FieldDefinition field, decimal bound) => field.Type switch
    {
        FieldType.Int32 => bound == decimal.Truncate(bound) && bound is >= int.MinValue and <= int.MaxValue,
        FieldType.Int64 => bound == decimal.Truncate(bound) && bound is >= long.MinValue and <= long.MaxValue,
        FieldType.Decimal => FitsDecimal(bound, field.Precision, field.Scale),
        _ => true,
    };

    private static bool FitsDecimal(decimal bound, int precision, int scale)
    {
        if (scale < 28 && decimal.Round(bound, scale) != bound)
            return false;

        // 28 digits before the point hold nearly all that System.Decimal can.
        var limit = 1m;
        for (var digit = 0; digit < Math.Min(precision - scale, 28); digit++)
            limit *= 10;
        return precision - scale > 28 || Math.Abs(bound) < limit;
    }
}
