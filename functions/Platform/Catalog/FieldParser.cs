using System.Text.RegularExpressions;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks one field of a contract.</summary>
internal static class FieldParser
{
    /// <summary>Characters of an expression.</summary>
    public const int MaxExpression = 10_000;

    private const int MaxEnum = 1000;
    private const int MaxPattern = 1000;
    private const int MaxSource = 256;
    private const int MaxTokens = 100;
    private const int MaxFormats = 20;

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
            NullTokens = List(reader, "nullTokens", MaxTokens),
            Trim = reader.Flag("trim"),
            Case = reader.Choice<TextCase>("case", required: false),
            Formats = List(reader, "formats", MaxFormats),
            TimeZone = reader.Text("timeZone"),
            Expression = reader.Text("expression", required: reader.Has("expression"), MaxExpression),
            Default = reader.Scalar("default"),
            Min = Bound(reader, "min"),
            Max = Bound(reader, "max"),
            MinLength = reader.Length("minLength"),
            MaxLength = reader.Length("maxLength"),
            Pattern = reader.Text("pattern", maxLength: MaxPattern),
            Enum = List(reader, "enum", MaxEnum, numbers: type is not FieldType.String),
            Pii = reader.Choice<PiiRule>("pii", required: false),
            Unit = reader.Text("unit"),
            Description = reader.Text("description"),
        };

        if (field.Source is "")
            reader.Mistakes.Add("EmptyText", reader.PathOf("source"), "'source' must not be empty: leave it out when the input has the field's name.");
        CheckPattern(reader, field);
        if (type is not null)
            FieldRules.Check(reader, field);
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

    private static FieldBound? Bound(ObjectReader reader, string member) =>
        reader.NumberOrText(member) is { } text ? new FieldBound(text) : null;

    private static List<string>? List(ObjectReader reader, string member, int max, bool numbers = false)
    {
        var texts = reader.Texts(member, max, required: reader.Has(member), numbers);
        return reader.Has(member) ? [.. texts.Select(item => item.Text)] : null;
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
}
