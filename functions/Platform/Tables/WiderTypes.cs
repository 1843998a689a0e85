using System.Globalization;

namespace DataPlatform.Tables;

/// <summary>Which types hold every value of another one. <c>date</c> is not below <c>timestamp</c>: which instant a day is depends on the time zone
/// of whoever asks.</summary>
public static class WiderTypes
{
    // Digits that every value of an integer type fits into.
    private const int IntegerDigits = 10;
    private const int LongDigits = 19;

    /// <param name="type">One of Delta's names, as in <see cref="TableColumn"/>.</param>
    /// <returns>False for one and the same type, too.</returns>
    public static bool IsWider(string type, string than)
    {
        var wide = Decimal(type);
        return than switch
        {
            "byte" => type is "short" or "integer" or "long" or "float" or "double" || Holds(3, 0),
            "short" => type is "integer" or "long" or "float" or "double" || Holds(5, 0),
            "integer" => type is "long" or "double" || Holds(IntegerDigits, 0),
            "long" => Holds(LongDigits, 0),
            "float" => type == "double",
            _ => type != than && Decimal(than) is { } narrow && Holds(narrow.Precision - narrow.Scale, narrow.Scale),
        };

        bool Holds(int whole, int scale) => wide is { } w && w.Precision - w.Scale >= whole && w.Scale >= scale;
    }

    private static (int Precision, int Scale)? Decimal(string type)
    {
        if (!type.StartsWith("decimal(", StringComparison.Ordinal) || !type.EndsWith(')'))
            return null;
        var parts = type["decimal(".Length..^1].Split(',');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var precision)
            && int.TryParse(parts[1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var scale)
                ? (precision, scale)
                : null;
    }
}
