using System.Globalization;
using System.Text;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Sql;
using DuckDB.NET.Data;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Our evaluator beside the SQL engine: the same expressions over the same rows.</summary>
public sealed class ExpressionDifferentialTests
{
    private const int Rows = 12;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";
    private static readonly int Expressions = IsLong ? 5_000 : 200;

    [Fact]
    public async Task Random_expressions_give_what_the_sql_engine_gives()
    {
        await using var bed = new SqlBed();
        using var table = new SampleTable();
        var seed = IsLong ? (ulong)Environment.TickCount64 : 4;
        int compared = 0, accepted = 0;
        var faults = new List<string>();
        IReadOnlyList<SampleRow> rows = [];
        for (var n = 0; n < Expressions && faults.Count < 20; n++)
        {
            var expression = SampleExpressions.Any(1 + (n % 3)).Sample(1, new Rnd(seed + (ulong)n), 10).First();
            if (n % 25 == 0)
                table.Fill(rows = [.. SampleExpressions.Row.Sample(Rows, new Rnd(seed + (ulong)n), 10)]);
            var (took, results, fault) = await CompareAsync(bed.Inspector, table, expression, rows);
            accepted += took ? 1 : 0;
            compared += results;
            if (fault is not null)
                faults.Add(fault);
        }

        Assert.True(faults.Count == 0, $"seed {seed}\n{string.Join('\n', faults)}");
        Assert.True(accepted > Expressions / 2, $"Only {accepted} of {Expressions} expressions were taken.");
        Assert.True(compared > accepted * Rows / 2, $"Only {compared} results of {accepted} expressions were compared.");
    }

    private static async Task<(bool Took, int Results, string? Fault)> CompareAsync(
        SqlInspector inspector, SampleTable table, string expression, IReadOnlyList<SampleRow> rows)
    {
        Term term;
        try
        {
            term = ExpressionCompiler.Compile(await inspector.ParseExpressionAsync(expression, "$", TestContext.Current.CancellationToken), table.Fields);
        }
        catch (ExpressionException)
        {
            return (false, 0, null); // We are stricter; whether we are too strict is counted.
        }

        (string Type, IReadOnlyList<string?> Values) theirs;
        try
        {
            theirs = table.Ask(expression);
        }
        catch (DuckDBException failure)
        {
            // A literal that its optimizer computes beforehand may fail there; what is not SQL must not pass here.
            return failure.Message.StartsWith("Binder", StringComparison.Ordinal) || failure.Message.StartsWith("Parser", StringComparison.Ordinal)
                ? (true, 0, $"{expression}: we took it, but: {failure.Message}")
                : (true, 0, null);
        }

        if (!SameType(term.Type.ToString(), theirs.Type, expression))
            return (true, 0, $"{expression}: our type is {term.Type}, theirs {theirs.Type}");

        var text = (TypedTerm<ReadOnlyMemory<byte>>)Conversions.TryCast(term.Type.Kind == TermKind.Null ? Conversions.Null(TermType.Text) : term, TermType.Text, tries: false)!;
        var compared = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            table.Show(rows[row]);
            var fault = new RowFault();
            var ours = text.TryGet(fault, out var bytes) ? Encoding.UTF8.GetString(bytes.Span) : null;
            var expected = theirs.Values[row] == "-nan" ? "nan" : theirs.Values[row];
            if (fault.Message == RowFault.DivisionByZero)
                continue; // on purpose: there it is infinity or NULL
            if (fault.IsSet && expected is not null && KnownFault(expression, fault))
                continue; // on purpose: years 1 to 9999 only; whole numbers rounded to tens do not wrap
            compared++;
            if (expected is null && ours is not null && !fault.IsSet && Lazy(expression))
                continue; // we stop at the operand that decides
            if (expected is not null && ours is null && !fault.IsSet && expression.Contains("TRY_CAST", StringComparison.Ordinal))
                continue; // there, a cast that fails may be left out of a comparison
            if ((fault.IsSet && expected is not null) || !Same(ours, expected, theirs.Type))
                return (true, compared, $"{expression} over {rows[row]}: ours {ours ?? fault.Message ?? "NULL"}, theirs {expected ?? "NULL"}");
        }

        return (true, compared, null);
    }

    private static bool KnownFault(string expression, RowFault fault) =>
        fault.Message == RowFault.OutOfRange
        && (expression.Contains("dt", StringComparison.Ordinal) || expression.Contains("ts", StringComparison.Ordinal) || expression.Contains("round(", StringComparison.Ordinal));

    private static bool Lazy(string expression) =>
        expression.Contains(" AND ", StringComparison.Ordinal) || expression.Contains(" OR ", StringComparison.Ordinal) || expression.Contains(" IN ", StringComparison.Ordinal);

    private static bool Same(string? ours, string? theirs, string type)
    {
        if (ours == theirs || ours is null || theirs is null)
            return ours == theirs;
        return type == "DOUBLE" && double.TryParse(ours, CultureInfo.InvariantCulture, out var a) && double.TryParse(theirs, CultureInfo.InvariantCulture, out var b)
            && Math.Abs(a - b) <= 1e-12 * Math.Max(Math.Abs(a), Math.Abs(b));
    }

    private static bool SameType(string ours, string theirs, string expression) => theirs switch
    {
        // Signs are of 8 bits there and of 32 here, so decimals made of them have fewer digits there.
        _ when expression.Contains("sign(", StringComparison.Ordinal) && theirs.StartsWith("DECIMAL(", StringComparison.Ordinal) =>
            ours.Split(',')[^1] == theirs.Split(',')[^1],
        "TINYINT" or "INTEGER" => ours == "int32",
        "BIGINT" => ours == "int64",
        "DOUBLE" => ours == "float64",
        "VARCHAR" => ours == "string",
        "BOOLEAN" => ours == "bool",
        "\"NULL\"" => true, // it sees at once that nothing but NULL comes out
        _ => ours.Equals(theirs, StringComparison.OrdinalIgnoreCase),
    };
}
