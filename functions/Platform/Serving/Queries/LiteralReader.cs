using System.Globalization;
using DataPlatform.Failures;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace DataPlatform.Serving.Queries;

/// <summary>Reads literals from their text: the parser takes <c>1.1</c> for a 32-bit float beside an integer column.</summary>
internal static class LiteralReader
{
    /// <returns>Null for types that queries do not know, such as durations.</returns>
    public static LiteralExpression? Read(ConstantNode node, string option) => node.Value switch
    {
        null => LiteralExpression.Null,
        bool value => new LiteralExpression(value, ValueKind.Boolean),
        string value => new LiteralExpression(value, ValueKind.String),
        byte[] value => new LiteralExpression(value, ValueKind.Binary),
#pragma warning disable CS0618 // The library's own day, which its parser still yields.
        Date value => new LiteralExpression(new DateOnly(value.Year, value.Month, value.Day), ValueKind.Date),
#pragma warning restore CS0618
        DateOnly value => new LiteralExpression(value, ValueKind.Date),
        DateTimeOffset value => Timestamp(value, node.LiteralText, option),
        int or long or short or byte or sbyte or float or double or decimal =>
            Number(node.LiteralText ?? Convert.ToString(node.Value, CultureInfo.InvariantCulture)!),
        _ => null,
    };

    /// <summary>Gives a literal the kind of what it is compared with, so that no column has to be converted (that would defeat the
    /// pruning by file statistics).</summary>
    public static LiteralExpression Coerce(LiteralExpression literal, Expression other) => (literal.Value, other.Kind) switch
    {
        (DateOnly day, ValueKind.Timestamp) =>
            new LiteralExpression(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), ValueKind.Timestamp),
        (long or decimal or double, ValueKind.Double) when other is ColumnExpression { Column.Type: "float" } =>
            new LiteralExpression((float)ToDouble(literal.Value), ValueKind.Double),
        (long or decimal, ValueKind.Double) => new LiteralExpression(ToDouble(literal.Value), ValueKind.Double),
        _ => literal,
    };

    private static LiteralExpression Timestamp(DateTimeOffset value, string? text, string option) =>
        value.Ticks % TimeSpan.TicksPerMicrosecond == 0
            ? new LiteralExpression(value.ToUniversalTime(), ValueKind.Timestamp)
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidLiteral", $"The timestamp {text} of {option} is finer than microseconds, which no column is.", option);

    private static LiteralExpression Number(string text)
    {
        var suffix = text.Length > 1 && text is not ("INF" or "-INF") ? char.ToLowerInvariant(text[^1]) : ' ';
        var digits = suffix is 'l' or 'm' or 'd' or 'f' ? text[..^1] : text;
        if (suffix is not ('m' or 'd' or 'f') && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new LiteralExpression(whole, ValueKind.Integer);
        if (suffix is not ('d' or 'f')
            && decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact))
            return new LiteralExpression(exact, ValueKind.Decimal);
        return new LiteralExpression(
            digits switch
            {
                "INF" => double.PositiveInfinity,
                "-INF" => double.NegativeInfinity,
                _ => double.Parse(digits, CultureInfo.InvariantCulture),
            },
            ValueKind.Double);
    }

    /// <summary>Through text, for the cast from decimal is not always the nearest double.</summary>
    private static double ToDouble(object value) =>
        value as double? ?? double.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture);
}
