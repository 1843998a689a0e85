using System.Text;

namespace DataPlatform.Serving.TableReading;

/// <summary>The engine's order of values, for those of the log.</summary>
internal static class ValueOrder
{
    // Doubles are compared with exact numbers only where that is beyond doubt.
    private const double Exact = 1L << 53;

    /// <returns>Below 0, 0, above 0 as the left is less, equal, greater; null where nothing can be said.</returns>
    public static int? TryCompare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (string a, string b) => CompareBytes(a, b),
        (DateOnly a, DateOnly b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (DateOnly a, DateTimeOffset b) => Instant(a).CompareTo(b),
        (DateTimeOffset a, DateOnly b) => a.CompareTo(Instant(b)),
        (long or decimal, long or decimal) => ToDecimal(left).CompareTo(ToDecimal(right)),
        (double or float or long, double or float or long) => Compare(Convert.ToDouble(left, null), Convert.ToDouble(right, null)),
        _ => null,
    };

    private static int? Compare(double left, double right) =>
        Math.Abs(left) < Exact && Math.Abs(right) < Exact ? left.CompareTo(right) : null;

    private static decimal ToDecimal(object value) => value is long whole ? whole : (decimal)value;

    private static DateTimeOffset Instant(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>By bytes of UTF-8, which is not the order of UTF-16 beyond the basic plane.</summary>
    private static int CompareBytes(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var index = 0; index < length; index++)
        {
            if (left[index] != right[index])
                return char.IsSurrogate(left[index]) || char.IsSurrogate(right[index])
                    ? Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right))
                    : left[index].CompareTo(right[index]);
        }

        return left.Length.CompareTo(right.Length);
    }
}
