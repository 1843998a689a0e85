using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Makes rows and well-typed expressions over them.</summary>
internal static class SampleExpressions
{
    public static Gen<SampleRow> Row =>
        from i in Maybe(Gen.Elements(0, 1, -1, 2, 7, -13, 1000, int.MaxValue, int.MinValue))
        from l in Maybe(Gen.Elements(0L, 1, -2, 3, 12345678901, long.MaxValue, long.MinValue, 99))
        from f in Maybe(Gen.Elements(0.0, 1.5, -2.5, 0.1, 3.5, 1e10, -1e-7, 123456.789, 1e300, 2.0))
        from d in Maybe(Gen.Elements(0m, 1.50m, -2.25m, 0.05m, 99999999.99m, -0.01m, 10m, 2.55m))
        from w in Maybe(Gen.Elements(0m, 1.00005m, -12345678901234567890.12345m, 7.5m, 0.00001m, 2.50000m))
        from s in Text
        from t in Text
        from b in Maybe(Gen.Elements(true, false))
        from day in Maybe(Gen.Elements(0, 18262, -1, 20000, -141_427, 11_016, 2_000_000))
        from micros in Maybe(Gen.Elements(0L, -1, 1_577_836_800_123_456, 1_600_000_000_000_000, -500_000, 951_782_399_999_999))
        select new SampleRow(i, l, f, d, w, s, t, b, day, micros);

    public static Gen<string> Any(int size) => Gen.OneOf(Number(size), Text2(size), Condition(size), Moment(size));

    private static Gen<string?> Text => Gen.Elements<string?>(
        null, "", "a", "abc", "ABC", " pad ", "a,b,c", "ñandú", "x😀y", "e\u0301", "100%", "a_b", "12", "-7", "1.5", "2020-02-29", "xxaxx", "ÄÖ");

    private static Gen<string> Number(int size) => size <= 0
        ? Gen.Elements("i", "l", "f", "d", "w", "0", "1", "2", "-3", "1.5", "0.05", "12345678901", "2e0", "(CASE WHEN i IS NULL THEN i END)", "7")
        : Gen.OneOf(
            Number(0),
            Two("({0} + {1})", Number(size - 1), Number(size - 1)),
            Two("({0} - {1})", Number(size - 1), Number(size - 1)),
            Two("({0} * {1})", Number(size - 1), Number(size - 1)),
            Two("({0} / {1})", Number(size - 1), Number(size - 1)),
            Two("({0} % {1})", Number(size - 1), Number(size - 1)),
            Two("({0} // {1})", Gen.Elements("i", "l", "7", "-2"), Gen.Elements("i", "l", "3")),
            One("(- {0})", Number(size - 1)),
            One("abs({0})", Number(size - 1)),
            One("round({0})", Number(size - 1)),
            Two("round({0}, {1})", Number(size - 1), Gen.Elements("0", "1", "2", "-1", "-3", "7")),
            One("floor({0})", Number(size - 1)),
            One("ceil({0})", Number(size - 1)),
            One("sign({0})", Number(size - 1)),
            One("sqrt({0})", Number(size - 1)),
            Two("power({0}, {1})", Number(0), Gen.Elements("2", "0.5", "-1")),
            Two("greatest({0}, {1})", Number(size - 1), Number(size - 1)),
            Two("least({0}, {1})", Number(size - 1), Number(size - 1)),
            Two("coalesce({0}, {1})", Number(size - 1), Number(size - 1)),
            Two("nullif({0}, {1})", Number(size - 1), Number(size - 1)),
            Three("CASE WHEN {0} THEN {1} ELSE {2} END", Condition(size - 1), Number(size - 1), Number(size - 1)),
            Two("CAST({0} AS {1})", Number(size - 1), Gen.Elements("INTEGER", "BIGINT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(20,0)", "DECIMAL(38,10)")),
            Two("TRY_CAST({0} AS {1})", Gen.Elements("i", "l", "f", "d", "w"), Gen.Elements("INTEGER", "DECIMAL(5,1)")),
            One("length({0})", Text2(size - 1)),
            Two("position({1} IN {0})", Text2(size - 1), Text2(0)),
            Two("date_part('{0}', {1})", Gen.Elements("year", "month", "day", "quarter", "hour", "minute", "second", "dow", "isodow", "doy", "millisecond", "epoch"), Moment(size - 1)),
            Three("date_diff('{0}', {1}, {2})", Gen.Elements("year", "quarter", "month", "day", "hour", "second"), Moment(0), Moment(0)),
            One("(dt - {0})", Gen.Constant("dt")));

    private static Gen<string> Text2(int size) => size <= 0
        ? Gen.Elements("s", "t", "'a'", "''", "'b'", "'😀'", "'ü'", "(CASE WHEN s IS NULL THEN s END)")
        : Gen.OneOf(
            Text2(0),
            One("lower({0})", Text2(size - 1)),
            One("upper({0})", Text2(size - 1)),
            One("trim({0})", Text2(size - 1)),
            Two("trim({0}, {1})", Text2(size - 1), Gen.Elements("'x'", "'xa'", "t")),
            One("ltrim({0})", Text2(size - 1)),
            Two("rtrim({0}, {1})", Text2(size - 1), Gen.Elements("'c'", "'é'")),
            Three("substr({0}, {1}, {2})", Text2(size - 1), Small, Small),
            Two("substr({0}, {1})", Text2(size - 1), Small),
            Two("left({0}, {1})", Text2(size - 1), Small),
            Two("right({0}, {1})", Text2(size - 1), Small),
            Three("replace({0}, {1}, {2})", Text2(size - 1), Text2(0), Text2(0)),
            Three("lpad({0}, {1}, {2})", Text2(size - 1), Small, Gen.Elements("'x'", "'ab'", "'ü'")),
            Three("rpad({0}, {1}, {2})", Text2(size - 1), Small, Gen.Elements("'x'", "'ab'")),
            Three("split_part({0}, {1}, {2})", Text2(size - 1), Gen.Elements("','", "'a'", "t", "''"), Small),
            Two("concat({0}, {1})", Text2(size - 1), Any(size - 1)),
            Two("({0} || {1})", Text2(size - 1), Text2(size - 1)),
            One("CAST({0} AS VARCHAR)", Any(size - 1)),
            Three("CASE WHEN {0} THEN {1} ELSE {2} END", Condition(size - 1), Text2(size - 1), Text2(size - 1)),
            Two("coalesce({0}, {1})", Text2(size - 1), Text2(size - 1)),
            Two("greatest({0}, {1})", Text2(size - 1), Text2(size - 1)),
            Two("nullif({0}, {1})", Text2(size - 1), Text2(size - 1)));

    private static Gen<string> Condition(int size) => size <= 0
        ? Gen.Elements("b", "true", "false", "(i > 1)", "(s = t)", "(dt < ts)", "(NULL IS NULL)", "(CASE WHEN b IS NULL THEN b END)")
        : Gen.OneOf(
            Condition(0),
            Three("({0} {1} {2})", Number(size - 1), Comparison, Number(size - 1)),
            Three("({0} {1} {2})", Text2(size - 1), Comparison, Text2(size - 1)),
            Three("({0} {1} {2})", Moment(size - 1), Comparison, Moment(size - 1)),
            Two("({0} AND {1})", Condition(size - 1), Condition(size - 1)),
            Two("({0} OR {1})", Condition(size - 1), Condition(size - 1)),
            One("(NOT {0})", Condition(size - 1)),
            One("({0} IS NULL)", Any(size - 1)),
            One("({0} IS NOT NULL)", Any(size - 1)),
            Three("({0} BETWEEN {1} AND {2})", Number(size - 1), Number(size - 1), Number(size - 1)),
            Three("({0} IN ({1}, {2}))", Number(size - 1), Number(size - 1), Number(size - 1)),
            Three("({0} NOT IN ({1}, {2}))", Text2(size - 1), Text2(0), Text2(0)),
            Two("({0} LIKE {1})", Text2(size - 1), Pattern),
            Two("({0} NOT ILIKE {1})", Text2(size - 1), Pattern),
            Two("regexp_matches({0}, {1})", Text2(size - 1), Gen.Elements("'a.c'", "'^[a-z]+$'", "'\\d'", "'(a|b)*c'")),
            Two("contains({0}, {1})", Text2(size - 1), Text2(0)),
            Two("starts_with({0}, {1})", Text2(size - 1), Text2(0)));

    private static Gen<string> Moment(int size) => size <= 0
        ? Gen.Elements("dt", "ts", "DATE '2024-02-29'", "TIMESTAMP '1999-12-31 23:59:59.5'", "(CASE WHEN dt IS NULL THEN dt END)")
        : Gen.OneOf(
            Moment(0),
            Two("date_trunc('{0}', {1})", Gen.Elements("year", "quarter", "month", "week", "day", "hour", "minute", "second"), Moment(size - 1)),
            Two("(dt + {0}{1})", Gen.Elements("", "-"), Gen.Elements("1", "30", "i")),
            Two("({0} {1} INTERVAL 1 MONTH)", Moment(size - 1), Gen.Elements("+", "-")),
            Two("({0} + INTERVAL '{1}')", Moment(size - 1), Gen.Elements("2 hours", "1 year 2 days", "90 minutes", "3 weeks")),
            One("CAST({0} AS DATE)", Moment(size - 1)),
            One("CAST({0} AS TIMESTAMP)", Moment(size - 1)),
            Two("coalesce({0}, {1})", Moment(size - 1), Moment(size - 1)));

    private static Gen<string> Small => Gen.Elements("0", "1", "2", "3", "-1", "-2", "9", "-9", "(CASE WHEN i IS NULL THEN i END)");

    private static Gen<string> Comparison => Gen.Elements("=", "<>", "<", ">", "<=", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM");

    private static Gen<string> Pattern => Gen.Elements("'a%'", "'%b%'", "'_'", "'a_b'", "'%😀%'", "'ä%'", "'%'", "''", "'a%c'", "t", "'A__'", "'%a%a%'");

    private static Gen<string> One(string form, Gen<string> a) => a.Select(x => string.Format(null, form, x));

    private static Gen<string> Two(string form, Gen<string> a, Gen<string> b) => from x in a from y in b select string.Format(null, form, x, y);

    private static Gen<string> Three(string form, Gen<string> a, Gen<string> b, Gen<string> c) =>
        from x in a from y in b from z in c select string.Format(null, form, x, y, z);

    private static Gen<T?> Maybe<T>(Gen<T> values)
        where T : struct => Gen.Frequency((5, values.Select(value => (T?)value)), (1, Gen.Constant((T?)null)));
}
