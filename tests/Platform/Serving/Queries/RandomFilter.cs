using System.Globalization;

namespace DataPlatform.Platform.Tests.Serving.Queries;

/// <summary>Random filters, each with its meaning by OData 4.0 written in C# beside it.</summary>
internal sealed class RandomFilter(Random random)
{
    public readonly record struct Part(string Text, Func<object?[], object?> Value);

    private static readonly string[] Strings = ["", "a", "ab", "b", "B", "é", "O'Hare", "%"];

    /// <summary>A row in the order i, n, x, m, s, d, t, b.</summary>
    public object?[] Row() =>
    [
        Maybe(() => (int)random.Next(-3, 4)), (long)random.Next(-3, 4), Maybe(() => random.Next(-6, 7) / 2.0), Maybe(() => random.Next(-600, 700) / 100m),
        Maybe(() => Strings[random.Next(Strings.Length)]), Maybe(Day), Maybe(Instant), Maybe(() => random.Next(2) == 0),
    ];

    public Part Boolean(int depth)
    {
        if (depth > 0 && random.Next(10) < 6)
        {
            var (left, right) = (Boolean(depth - 1), Boolean(depth - 1));
            return random.Next(4) switch
            {
                0 => new($"({left.Text} and {right.Text})", row => And(left.Value(row), right.Value(row))),
                1 => new($"({left.Text} or {right.Text})", row => Not(And(Not(left.Value(row)), Not(right.Value(row))))),
                2 => new($"not ({left.Text})", row => Not(left.Value(row))),
                _ => Compare(left, right, equalityOnly: true),
            };
        }

        return random.Next(8) switch
        {
            0 => new("b", row => row[7]),
            1 => Compare(Text(), Text(), equalityOnly: false),
            2 => Compare(Date(), Date(), equalityOnly: false),
            3 => Compare(Timestamp(), random.Next(2) == 0 ? Timestamp() : Date(), equalityOnly: false),
            4 => Membership(),
            5 => Search(),
            _ => Compare(Number(2), Number(2), equalityOnly: false),
        };
    }

    private Part Membership()
    {
        var values = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(5) == 0 ? null : (object)(long)random.Next(-3, 4)).ToArray();
        return new(
            $"i in ({string.Join(",", values.Select(value => value ?? "null"))})",
            row => values.Any(value => Order(row[0], value) is { } order ? order == 0 : row[0] is null && value is null));
    }

    private Part Search()
    {
        var (text, part) = (Text(), Strings[random.Next(Strings.Length)]);
        var literal = $"'{part.Replace("'", "''", StringComparison.Ordinal)}'";
        return random.Next(3) switch
        {
            0 => new($"contains({text.Text},{literal})", row => (text.Value(row) as string)?.Contains(part, StringComparison.Ordinal)),
            1 => new($"startswith({text.Text},{literal})", row => (text.Value(row) as string)?.StartsWith(part, StringComparison.Ordinal)),
            _ => new($"endswith({text.Text},{literal})", row => (text.Value(row) as string)?.EndsWith(part, StringComparison.Ordinal)),
        };
    }

    private Part Text()
    {
        var literal = Strings[random.Next(Strings.Length)];
        return random.Next(6) switch
        {
            0 => new("tolower(s)", row => (row[4] as string)?.ToLowerInvariant()),
            1 => new("concat(s,'a')", row => row[4] is string text ? text + "a" : null),
            2 => new("substring(s,1)", row => row[4] is string text ? text.Length > 1 ? text[1..] : "" : null),
            3 => new("s", row => row[4]),
            _ => new($"'{literal.Replace("'", "''", StringComparison.Ordinal)}'", _ => literal),
        };
    }

    private Part Date()
    {
        var literal = Day();
        return random.Next(3) switch
        {
            0 => new("date(t)", row => row[6] is DateTimeOffset instant ? DateOnly.FromDateTime(instant.UtcDateTime) : null),
            1 => new("d", row => row[5]),
            _ => new(literal.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), _ => literal),
        };
    }

    private Part Timestamp()
    {
        var literal = Instant();
        return random.Next(3) switch
        {
            0 => new(literal.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), _ => literal),
            1 => new(literal.ToOffset(TimeSpan.FromHours(-5)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), _ => literal),
            _ => new("t", row => row[6]),
        };
    }

    private Part Number(int depth)
    {
        var whole = (long)random.Next(-3, 4);
        var divisor = (long)random.Next(1, 4);
        if (depth > 0 && random.Next(3) == 0)
        {
            var (left, right) = (Whole(), Whole());
            return random.Next(5) switch
            {
                0 => new($"({left.Text} add {right.Text})", row => (long?)left.Value(row) + (long?)right.Value(row)),
                1 => new($"({left.Text} sub {right.Text})", row => (long?)left.Value(row) - (long?)right.Value(row)),
                2 => new($"({left.Text} mul {right.Text})", row => (long?)left.Value(row) * (long?)right.Value(row)),
                3 => new($"({left.Text} div {divisor})", row => (long?)left.Value(row) / divisor),
                _ => new($"({left.Text} mod {divisor})", row => (long?)left.Value(row) % divisor),
            };
        }

        return random.Next(7) switch
        {
            0 => Whole(),
            1 => new("x", row => row[2]),
            2 => new("m", row => row[3]),
            3 => new((whole / 2m).ToString(CultureInfo.InvariantCulture), _ => whole / 2m),
            4 => new("null", _ => null),
            5 => new("length(s)", row => (long?)(row[4] as string)?.Length),
            _ => new("year(t)", row => row[6] is DateTimeOffset instant ? (long)instant.Year : null),
        };
    }

    private Part Whole()
    {
        var literal = (long)random.Next(-3, 4);
        return random.Next(3) switch
        {
            0 => new("i", row => row[0] is int value ? (long)value : null),
            1 => new("n", row => row[1]),
            _ => new(literal.ToString(CultureInfo.InvariantCulture), _ => literal),
        };
    }

    private Part Compare(Part left, Part right, bool equalityOnly)
    {
        var kind = random.Next(equalityOnly ? 2 : 6);
        string[] words = ["eq", "ne", "gt", "ge", "lt", "le"];
        return new($"({left.Text} {words[kind]} {right.Text})", row =>
        {
            var (a, b) = (left.Value(row), right.Value(row));
            if (a is null || b is null)
                return kind switch { 0 => a is null && b is null, 1 => a is null != b is null, _ => false };
            var order = Order(a, b)!.Value;
            return kind switch { 0 => order == 0, 1 => order != 0, 2 => order > 0, 3 => order >= 0, 4 => order < 0, _ => order <= 0 };
        });
    }

    private static int? Order(object? left, object? right) => (left, right) switch
    {
        (null, _) or (_, null) => null,
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (double, _) or (_, double) => Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
        (DateOnly a, DateOnly b) => a.CompareTo(b),
        (DateOnly or DateTimeOffset, _) => AsInstant(left).CompareTo(AsInstant(right)),
        _ => Convert.ToDecimal(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture)),
    };

    private static DateTimeOffset AsInstant(object value) =>
        value is DateOnly day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : (DateTimeOffset)value;

    private static object? And(object? left, object? right) => (left, right) switch
    {
        (false, _) or (_, false) => false,
        (null, _) or (_, null) => null,
        _ => true,
    };

    private static object? Not(object? value) => value is bool flag ? !flag : null;

    private DateOnly Day() => new DateOnly(2020, 12, 30).AddDays(random.Next(4));

    private DateTimeOffset Instant() => new DateTimeOffset(2020, 12, 30, 0, 0, 0, TimeSpan.Zero).AddHours(random.Next(8) * 12);

    private object? Maybe<T>(Func<T> value) => random.Next(4) == 0 ? null : value();
}
