using System.Text;
using DataPlatform.Platform.Tests.Sql;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Where expressions end: faults of rows, and what is refused before there are any.</summary>
public sealed class ExpressionTests
{
    private const string Nines = "99999999999999999999999999999999999999";

    [Theory]
    [InlineData($"CAST('{Nines}' AS DECIMAL(38,0)) + w0", RowFault.OutOfRange)]
    [InlineData($"CAST('-{Nines}' AS DECIMAL(38,0)) - w0", RowFault.OutOfRange)]
    [InlineData($"CAST('{Nines}' AS DECIMAL(38,0)) * w0", RowFault.OutOfRange)]
    [InlineData("l * l", RowFault.OutOfRange)]
    [InlineData("- l", RowFault.OutOfRange)]
    [InlineData("abs(l)", RowFault.OutOfRange)]
    [InlineData("l // (i - 3)", RowFault.OutOfRange)]
    [InlineData("1 / (i - 2)", RowFault.DivisionByZero)]
    [InlineData("i % (i - 2)", RowFault.DivisionByZero)]
    [InlineData("i // 0", RowFault.DivisionByZero)]
    [InlineData("CAST(s AS INTEGER)", "a text is no int32")]
    [InlineData("CAST(s AS DATE)", "a text is no date")]
    [InlineData("CAST(l AS INTEGER)", RowFault.OutOfRange)]
    [InlineData("CAST(1e300 * i AS BIGINT)", RowFault.OutOfRange)]
    [InlineData("sqrt(-i)", "a square root of a negative number")]
    [InlineData("lpad(s, 2000000, 'x')", RowFault.TooLong)]
    [InlineData("lpad(s, 9223372036854775807, 'x')", RowFault.TooLong)]
    [InlineData("lpad(s, 9, '')", "a text cannot be padded with nothing")]
    [InlineData("replace(lpad(s, 1000, 'x'), 'x', lpad(s, 2000, 'y'))", RowFault.TooLong)]
    [InlineData("lpad(s, 600000, 'x') || lpad(s, 600000, 'x')", RowFault.TooLong)]
    [InlineData("DATE '9999-12-31' + i", RowFault.OutOfRange)]
    [InlineData("TIMESTAMP '0001-01-01' - INTERVAL 1 DAY", RowFault.OutOfRange)]
    [InlineData("i = 2 AND l * l > 0", RowFault.OutOfRange)]
    public async Task What_cannot_be_computed_is_a_fault_of_the_row(string expression, string fault) => Assert.Equal(fault, (await EvaluateAsync(expression)).Fault);

    [Theory]
    [InlineData("TRY_CAST(s AS INTEGER)", null)]
    [InlineData("i = 3 AND l * l > 0", "false")]
    [InlineData("CASE WHEN i = 2 THEN 'two' ELSE CAST(1 / (i - 2) AS VARCHAR) END", "two")]
    [InlineData("coalesce(i, 1 // 0)", "2")]
    [InlineData("substr(s, -9223372036854775807, 9223372036854775807)", "straße")]
    [InlineData("left(s, -9223372036854775807)", "")]
    [InlineData("right(s, 9223372036854775807)", "straße")]
    [InlineData("upper(s)", "STRAßE")]
    [InlineData("round(123456.789, -400)", "0")]
    [InlineData("'%_%' LIKE '!%!_%' ESCAPE '!'", "true")]
    public async Task What_can_be_computed_is(string expression, string? expected) => Assert.Equal((expected, null), await EvaluateAsync(expression));

    [Theory]
    [InlineData("nmae", "there is no field 'nmae'")]
    [InlineData("t.s", "must be a field's name alone")]
    [InlineData("(SELECT 1)", "without a SELECT")]
    [InlineData("sum(i)", "the function 'sum' cannot be used")]
    [InlineData("row_number() OVER ()", "without window functions")]
    [InlineData("current_setting('x')", "cannot be used")]
    [InlineData("now()", "the function 'now' cannot be used")]
    [InlineData("random()", "the function 'random' cannot be used")]
    [InlineData("s > 1", "string and int32 do not go together: use CAST")]
    [InlineData("i + s", "a number is needed, and this is string")]
    [InlineData("lower(i)", "a text is needed, and this is int32")]
    [InlineData("NOT i", "a condition is needed, and this gives int32")]
    [InlineData("regexp_matches(s, '(?=a)')", "must run in linear time")]
    [InlineData("regexp_matches(s, s)", "must be a literal")]
    [InlineData("CAST(i AS HUGEINT)", "the type HUGEINT cannot be used")]
    [InlineData("date_trunc('fortnight', DATE '2026-01-01')", "the part must be one of")]
    [InlineData("TIMESTAMP '2026-01-01' - TIMESTAMP '2026-01-01'", "use date_diff")]
    [InlineData("CAST('2026-02-30' AS DATE)", "a text is no date")]
    [InlineData("round(d, i)", "the number of digits must be a literal")]
    [InlineData("123456789012345678901", "a literal of type HUGEINT cannot be used")]
    [InlineData("[1]", "cannot be used")]
    public async Task What_has_no_place_in_a_row_is_refused_with_its_place(string expression, string message)
    {
        var fault = await Assert.ThrowsAsync<ExpressionException>(() => EvaluateAsync(expression));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3_000, " + 1", "it is too large")]
    [InlineData(150, ")", "it is too large")]
    public async Task Large_and_deep_expressions_are_refused(int count, string part, string message)
    {
        var expression = part == ")" ? string.Concat(Enumerable.Repeat("abs(", count)) + "i" + new string(')', count) : "i" + string.Concat(Enumerable.Repeat(part, count));
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => EvaluateAsync(expression));

        Assert.True(failure is ExpressionException or DataPlatform.Failures.TerminalException, failure.ToString());
        Assert.Contains(failure is ExpressionException ? message : "depth", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<(string? Value, string? Fault)> EvaluateAsync(string expression)
    {
        await using var bed = new SqlBed();
        using var table = new SampleTable();
        table.Show(new SampleRow(2, long.MinValue, 0.5, 1.5m, 1m, "straße", "t", true, 0, 0));
        ExpressionColumn[] columns = [.. table.Fields, new("w0", new SampleTerm<Int128>(TermType.Decimal(38, 0), () => (true, Int128.Parse(Nines, System.Globalization.CultureInfo.InvariantCulture))))];
        var term = ExpressionCompiler.Compile(await bed.Inspector.ParseExpressionAsync(expression, "$", TestContext.Current.CancellationToken), columns);
        var fault = new RowFault();
        var text = (TypedTerm<ReadOnlyMemory<byte>>)Conversions.TryCast(term, TermType.Text, tries: false)!;
        return (text.TryGet(fault, out var value) ? Encoding.UTF8.GetString(value.Span) : null, fault.Message);
    }
}
