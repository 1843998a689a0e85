namespace DataPlatform.Catalog;

/// <summary>
/// HyperLogLog sketches in DuckDB's SQL: 4,096 registers over the first 64 bits of the MD5 of a value's text (UTF-8). What is stored depends on nothing else, so
/// that sketches of any age, engine and machine merge.
/// <para>A sketch is a BLOB of three bytes for each register that is not empty, by rising number: 12 bits its number (the hash's first 12 bits), 12 bits its
/// rank (leading zeros of the other 52 bits, and 1; 53 when all are zero). Few values take few bytes. Merging takes each register's maximum.</para>
/// <para>The estimate is Ertl's (New cardinality estimation algorithms for HyperLogLog sketches, 2017, section 4): without the bias that the original has
/// between its range for few values and the one for many. Its standard error is 1.63 %.</para>
/// </summary>
public static class SketchSql
{
    /// <summary>The number of registers.</summary>
    public const int Registers = 4096;

    /// <summary>Larger powers of a share of at most 4095/4096 are nothing beside the terms before.</summary>
    private const int SigmaTerms = 20;

    // Six hexadecimal digits sort as the three bytes do.
    private const string Digits = "'.{6}'";

    /// <summary>Aggregate: the sketch of an expression's values, nulls left out; never null.</summary>
    /// <param name="filter">SQL condition; null takes all rows.</param>
    public static string Build(string value, string? filter = null) =>
        Sketch($"list(DISTINCT {Code(value)}) FILTER (WHERE {value} IS NOT NULL{(filter is null ? "" : $" AND {filter}")})");

    /// <summary>Aggregate: the sketch of all values that the sketches of a column stand for.</summary>
    public static string Merge(string column) =>
        Sketch($"list_distinct(regexp_extract_all(string_agg(hex({column}), ''), {Digits}))");

    /// <summary>From a sketch to the number of distinct values, a BIGINT.</summary>
    public static string Estimate(string sketch) => Let(
        "ranks",
        $"list_transform(regexp_extract_all(hex({sketch}), {Digits}), lambda code: CAST('0x' || code[4:6] AS INTEGER))",
        $"CASE WHEN len(ranks) = 0 THEN 0 ELSE CAST(round({Registers}::DOUBLE * {Registers} / (2 * ln(2.0) * ("
            + $"list_sum(list_transform(ranks, lambda rank: pow(2.0, -rank))) + {Registers} * {Sigma($"({Registers} - len(ranks))::DOUBLE / {Registers}")}))) AS BIGINT) END");

    /// <summary>What a value does to a sketch, as six hexadecimal digits.</summary>
    private static string Code(string value)
    {
        var hash = $"md5(CAST({value} AS VARCHAR))";
        var rest = $"CAST('0x' || {hash}[4:16] AS UBIGINT)";
        return $"({hash}[1:3] || printf('%03x', CASE WHEN {rest} = 0 THEN 53 ELSE 53 - length(bin({rest})) END))";
    }

    /// <summary>Of each register the last of the sorted codes, which has its highest rank.</summary>
    private static string Sketch(string codes) => Let(
        "codes",
        $"list_sort(coalesce({codes}, []::VARCHAR[]))",
        "unhex(array_to_string(list_filter(codes, lambda code, place: place = len(codes) OR codes[place + 1][1:3] <> code[1:3]), ''))");

    private static string Sigma(string share) => Let(
        "share", share, $"(share + list_sum(list_transform(range(1, {SigmaTerms}), lambda term: pow(share, pow(2, term)) * pow(2.0, term - 1))))");

    /// <summary>Computes a value once for an expression that uses it often.</summary>
    private static string Let(string name, string value, string expression) => $"list_transform([{value}], lambda {name}: {expression})[1]";
}
