using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Looks for a small change that lets the rows of a cause load. What it suggests was tried on the values that are known.</summary>
/// <param name="definition">The dataset's contract now.</param>
internal sealed partial class FixSuggester(DatasetDefinition definition)
{
    // What often stands in files where a type does not expect it, as expressions over the text.
    private static readonly (string Sql, Func<string, string> Apply)[] Numbers =
    [
        ("trim(value)", static text => text.Trim()),
        ("value", static text => text),
        ("replace(value, ',', '')", static text => CommaGroups().IsMatch(text) ? text.Replace(",", "", StringComparison.Ordinal) : text),
        ("replace(replace(value, '.', ''), ',', '.')", static text => CommaFraction().IsMatch(text) ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : text),
        ("replace(value, ' ', '')", static text => text.Replace(" ", "", StringComparison.Ordinal)),
    ];

    private static readonly (string Sql, Func<string, string> Apply)[] Texts =
    [
        ("trim(value)", static text => text.Trim()),
        ("lower(trim(value))", static text => text.Trim().ToLowerInvariant()),
        ("upper(trim(value))", static text => text.Trim().ToUpperInvariant()),
    ];

    private static readonly (string Sql, Func<string, string> Apply)[] Truths =
    [
        ("lower(trim(value))", static text => text.Trim().ToLowerInvariant()),
        ("CASE WHEN lower(trim(value)) IN ('yes', 'y', 't', '1', 'on') THEN 'true' WHEN lower(trim(value)) IN ('no', 'n', 'f', '0', 'off') THEN 'false' ELSE value END",
            static text => text.Trim().ToLowerInvariant() switch { "yes" or "y" or "t" or "1" or "on" => "true", "no" or "n" or "f" or "0" or "off" => "false", _ => text }),
    ];

    /// <param name="column">The input's name.</param>
    /// <param name="values">The most frequent first; not all that there are.</param>
    public CauseFix Suggest(string rule, string? column, IReadOnlyList<CauseValue> values)
    {
        var field = definition.Fields.FirstOrDefault(field => field.InputName == column);
        if (field is { Pii: not null })
            return new CauseFix(RuleFix.Of(rule));
        return (rule switch
        {
            "type" when field is not null => SuggestType(field, values),
            "enum" when field is not null => SuggestEnum(field, values),
            "required" when field is not null => SuggestDefault(field),
            "unknown_field" when column is not null => SuggestName(column),
            _ => null,
        }) ?? new CauseFix(RuleFix.Of(rule));
    }

    private static CauseFix? SuggestType(FieldDefinition field, IReadOnlyList<CauseValue> values)
    {
        List<CauseValue> texts = [.. values.Select(value => value with { Value = Unquote(value.Value) })];
        List<CauseFix> fixes = [];
        var nulls = texts.Where(value => FieldSample.NullWords.Contains(value.Value.Trim())).ToList();
        if (nulls.Count > 0)
        {
            fixes.Add(new CauseFix(
                $"Take {string.Join(" and ", nulls.Select(value => $"'{value.Value}'"))} in '{field.InputName}' for no value: 'nullTokens'.", nulls.Sum(value => value.Rows),
                Patch("nullTokens", field.InputName, new JsonArray([.. nulls.Select(value => JsonValue.Create(value.Value))]))));
        }

        switch (field.Type)
        {
            case FieldType.Date or FieldType.Timestamp:
                fixes.AddRange(Formats(field, texts));
                break;
            case FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal:
                fixes.AddRange(Expressions(field, Numbers, texts, Fits(field)));
                fixes.AddRange(Wider(field, texts));
                break;
            case FieldType.Bool:
                fixes.AddRange(Expressions(field, Truths, texts, Fits(field)));
                break;
            default:
                fixes.AddRange(Expressions(field, Texts, texts, Fits(field)));
                break;
        }

        // Of those that mend as many, the first.
        return fixes.Where(fix => fix.Rows > 0).MaxBy(fix => fix.Rows);
    }

    private static CauseFix? SuggestEnum(FieldDefinition field, IReadOnlyList<CauseValue> values)
    {
        List<CauseValue> texts = [.. values.Select(value => value with { Value = Unquote(value.Value) })];
        if (texts.Count == 0)
            return null;
        if (Expressions(field, Texts, texts, text => field.Enum!.Contains(text)).Where(fix => fix.Rows > 0).MaxBy(fix => fix.Rows) is { } found)
            return found;
        return new CauseFix(string.Create(CultureInfo.InvariantCulture,
            $"'{texts[0].Value}' is there in {texts[0].Rows} rows: add it to the 'enum' of '{field.Name}'? Put the contract, and replay the rows under it."), texts[0].Rows);
    }

    private static CauseFix? SuggestDefault(FieldDefinition field)
    {
        var value = field.Type switch
        {
            FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal => "0",
            FieldType.Bool => "false",
            _ => null,
        };
        return value is null ? null : new CauseFix(
            $"Send a value, or store a default where there is none, such as {value}.", null, Patch("defaults", field.InputName, JsonValue.Create(value)));
    }

    private CauseFix? SuggestName(string column)
    {
        var match = definition.Fields.FirstOrDefault(field => Letters(field.InputName) == Letters(column) || Letters(field.Name) == Letters(column));
        return match is null
            ? new CauseFix($"Add '{column}' to the contract and replay the rows under it, or leave it out: 'rename' it to null.", null, Patch("rename", column, null))
            : new CauseFix($"Rename '{column}' to '{match.InputName}'.", null, Patch("rename", column, JsonValue.Create(match.InputName)));
    }

    private static IEnumerable<CauseFix> Formats(FieldDefinition field, List<CauseValue> texts)
    {
        var formats = field.Type == FieldType.Date ? FieldSample.Dates : FieldSample.Dates.Concat(FieldSample.DateTimes);
        var fits = formats.Select(format => (Format: format, Rows: Rows(texts, Fits(field, format)))).Where(item => item.Rows > 0).ToList();
        if (fits.Count == 0)
            yield break;
        var best = fits.MaxBy(item => item.Rows);
        var other = fits.FirstOrDefault(item => item.Format != best.Format && item.Rows == best.Rows).Format;
        yield return new CauseFix(
            $"Add the format {best.Format} to '{field.InputName}'{(other is null ? "." : $", or {other} if that is what is meant: the values can be read both ways.")}",
            best.Rows, Patch("formats", field.InputName, new JsonArray(JsonValue.Create(best.Format))));
    }

    private static IEnumerable<CauseFix> Expressions(
        FieldDefinition field, IEnumerable<(string Sql, Func<string, string> Apply)> expressions, List<CauseValue> texts, Func<string, bool> fits)
    {
        foreach (var (sql, apply) in expressions)
        {
            yield return new CauseFix(
                sql == "value" ? $"Read texts in '{field.InputName}' as {EnumNames.Of(field.Type)}." : $"Read '{field.InputName}' as {sql}.",
                Rows(texts, text => fits(apply(text))), Patch("expressions", field.InputName, JsonValue.Create(sql)));
        }
    }

    private static IEnumerable<CauseFix> Wider(FieldDefinition field, List<CauseValue> texts)
    {
        if (field.Type == FieldType.Int32 && Rows(texts, text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) is > 0 and var rows)
            yield return new CauseFix($"The values are beyond 32 bits. A column's type is not widened in place: add a field of type int64 under another name, with \"source\": \"{field.InputName}\".", rows);
        else if (field.Type is FieldType.Int32 or FieldType.Int64 && Rows(texts, text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) is > 0 and var some)
            yield return new CauseFix($"The values have fractions. Add a field of type float64 or decimal under another name, with \"source\": \"{field.InputName}\".", some);
    }

    /// <summary>Whether a text is of the field's type, in the format if one is given.</summary>
    private static Func<string, bool> Fits(FieldDefinition field, string? format = null) => text =>
    {
        using var candidate = new TypeCandidate(StoredColumn.Of(field), format);
        return candidate.Parser.Append(System.Text.Encoding.UTF8.GetBytes(text)) == RowRule.None;
    };

    private static long Rows(List<CauseValue> texts, Func<string, bool> fits) => texts.Where(value => fits(value.Value)).Sum(value => value.Rows);

    private static JsonObject Patch(string member, string field, JsonNode? value) => new() { [member] = new JsonObject { [field] = value } };

    /// <summary>Texts of JSON rows come in their quotes.</summary>
    private static string Unquote(string value)
    {
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
            return value;
        try
        {
            return JsonSerializer.Deserialize<string>(value) ?? value;
        }
        catch (JsonException)
        {
            return value;
        }
    }

    [GeneratedRegex("^[+-]?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommaGroups();

    [GeneratedRegex("^[+-]?([0-9]+|[0-9]{1,3}(\\.[0-9]{3})+),[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommaFraction();

    private static string Letters(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}
