namespace DataPlatform.Ingestion.Expressions;

/// <summary>The order of values, as the SQL engine has it: texts by their bytes, NaN equal to itself and above all numbers.</summary>
internal static class Comparing
{
    public static readonly Comparison<bool> Bools = static (left, right) => left.CompareTo(right);
    public static readonly Comparison<long> Integers = static (left, right) => left.CompareTo(right);
    public static readonly Comparison<Int128> Decimals = static (left, right) => left.CompareTo(right);
    public static readonly Comparison<ReadOnlyMemory<byte>> Texts = static (left, right) => left.Span.SequenceCompareTo(right.Span);
    public static readonly Comparison<double> Floats = static (left, right) =>
        double.IsNaN(left) ? double.IsNaN(right) ? 0 : 1 : double.IsNaN(right) ? -1 : left.CompareTo(right);

    public static Comparison<T> Of<T>() => (Comparison<T>)(object)(
        typeof(T) == typeof(bool) ? Bools
        : typeof(T) == typeof(long) ? Integers
        : typeof(T) == typeof(double) ? Floats
        : typeof(T) == typeof(Int128) ? Decimals
        : (object)Texts);
}
