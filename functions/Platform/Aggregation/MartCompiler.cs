using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Aggregation;

/// <summary>
/// From a mart's definition to the SELECT that computes it. The type of every measure follows from the type of its expression alone, so
/// that a mart's columns stay the same whatever its data.
/// </summary>
public sealed class MartCompiler(SqlInspector inspector)
{
    private const string MistakesCode = "InvalidMart";

    /// <summary>Checks the expressions without their source: each must be one expression that is computed row by row.</summary>
    /// <exception cref="TerminalException"><c>InvalidMart</c> with all mistakes, each at its JSON path.</exception>
    public async Task InspectAsync(MartDefinition mart, CancellationToken cancellationToken) =>
        ThrowIfAny(mart, await FindMistakesAsync(mart, cancellationToken));

    internal async Task<List<FailureDetail>> FindMistakesAsync(MartDefinition mart, CancellationToken cancellationToken)
    {
        List<FailureDetail> mistakes = [];
        foreach (var expression in MartExpression.Of(mart))
        {
            if (expression.IsColumn)
                continue;
            try
            {
                await inspector.InspectExpressionAsync(expression.Sql, expression.Path, cancellationToken);
            }
            catch (TerminalException exception) when (exception.Kind is FailureKind.Invalid)
            {
                mistakes.Add(new FailureDetail(exception.Code, exception.Message, expression.Path));
            }
        }

        return mistakes;
    }

    /// <summary>Writes the SELECT for a source that is mounted under its name.</summary>
    /// <param name="mart">A definition that passed <see cref="InspectAsync"/>.</param>
    /// <param name="touched">A table of the session with the columns of <see cref="MartDefinition.PartitionBy"/>: only these partitions are computed. Null for all.</param>
    /// <exception cref="TerminalException"><c>InvalidMart</c> with all mistakes, each at its JSON path.</exception>
    internal static async Task<MartQuery> CompileAsync(SqlSession session, MartDefinition mart, string? touched, CancellationToken cancellationToken)
    {
        var expressions = MartExpression.Of(mart);
        var types = await TypesAsync(session, mart, expressions, cancellationToken);
        List<FailureDetail> mistakes = [];
        List<string> columns = [];
        var groups = expressions.Where(expression => expression is { Measure: null, IsCondition: false }).ToList();
        for (var index = 0; index < groups.Count; index++)
        {
            var (value, fault) = Grained(groups[index].Alias, types[groups[index].Alias], mart.Dimensions[index].Grain);
            if (fault is not null)
                mistakes.Add(new FailureDetail("TypeMismatch", fault, $"$.dimensions[{index}].grain"));
            columns.Add($"{value} AS {SqlText.Identifier(groups[index].Name)}");
        }

        var aggregates = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < mart.Measures.Count; index++)
        {
            var measure = mart.Measures[index];
            if (measure.Type == MeasureType.Ratio)
                continue;
            var alias = measure.Sql is null ? null : $"\"_m{index}\"";
            aggregates[measure.Name] = Aggregate(measure, alias, measure.Filter is null ? null : $"\"_f{index}\"", alias is null ? "" : types[alias], out var fault);
            if (fault is not null)
                mistakes.Add(new FailureDetail("TypeMismatch", fault, $"$.measures[{index}].sql"));
        }

        ThrowIfAny(mart, mistakes);
        columns.AddRange(mart.Measures.Select(measure =>
            $"{(measure.Type == MeasureType.Ratio ? MeasureStorage.Quotient(aggregates[measure.Numerator!], aggregates[measure.Denominator!]) : aggregates[measure.Name])}"
            + $" AS {SqlText.Identifier(measure.Name)}"));
        for (var index = 0; index < mart.Measures.Count; index++)
            columns.AddRange(Parts(mart.Measures[index], $"\"_m{index}\"", mart.Measures[index].Filter is null ? null : $"\"_f{index}\"", types));
        var partitions = touched is null ? "" : $" SEMI JOIN {touched} AS \"_touched_partitions\" ON {Same(PartitionsOf(mart, types), "\"_touched_partitions\"")}";
        var text = $"SELECT {string.Join(", ", columns)} FROM ({Inner(mart.Source, expressions)}) AS \"_source_rows\"{partitions}{(mart.Filter is null ? "" : " WHERE \"_filter\"")}"
            + (groups.Count == 0 ? "" : $" GROUP BY {string.Join(", ", Enumerable.Range(1, groups.Count))}");
        return new MartQuery(text, SortBy(mart));
    }

    /// <summary>Writes the SELECT of the partitions, each once, whose rows differ between two sets of files of the source. Rows that were only moved from one file to
    /// another are in both and count for nothing.</summary>
    /// <param name="mart">Has <see cref="MartDefinition.PartitionBy"/>.</param>
    /// <param name="came">View of the files that came.</param>
    /// <param name="went">View of those that went; null when none did.</param>
    /// <exception cref="TerminalException"><c>InvalidMart</c>.</exception>
    internal static async Task<string> DifferenceAsync(SqlSession session, MartDefinition mart, string came, string? went, CancellationToken cancellationToken)
    {
        var expressions = MartExpression.Of(mart);
        var types = await TypesAsync(session, mart, expressions, cancellationToken);
        var partitions = PartitionsOf(mart, types).Select(partition => $"{partition.Value} AS {SqlText.Identifier(partition.Name)}");
        var filter = mart.Filter is null ? "" : " WHERE \"_filter\"";
        string Rows(string view) => $"SELECT * FROM ({Inner(view, expressions)}){filter}";
        var columns = string.Join(", ", partitions);
        return went is null ? $"SELECT DISTINCT {columns} FROM ({Rows(came)})" : $"SELECT DISTINCT {columns} FROM ("
            + $"(({Rows(came)}) EXCEPT ALL ({Rows(went)})) UNION ALL (({Rows(went)}) EXCEPT ALL ({Rows(came)})))";
    }

    /// <summary>Writes the SELECT of how many rows of the source are in partitions, by the value of a column.</summary>
    /// <param name="touched">A table of the session with the columns of <see cref="MartDefinition.PartitionBy"/>.</param>
    /// <param name="column">An expression over the source's columns.</param>
    internal static async Task<string> ContributingAsync(SqlSession session, MartDefinition mart, string touched, string column, CancellationToken cancellationToken)
    {
        var expressions = MartExpression.Of(mart);
        var types = await TypesAsync(session, mart, expressions, cancellationToken);
        return $"SELECT \"_value\", count(*) FROM (SELECT {column} AS \"_value\", {Inner(mart.Source, expressions)["SELECT ".Length..]}) AS \"_source_rows\" "
            + $"SEMI JOIN {touched} AS \"_touched_partitions\" ON {Same(PartitionsOf(mart, types), "\"_touched_partitions\"")}{(mart.Filter is null ? "" : " WHERE \"_filter\"")} GROUP BY 1";
    }

    /// <summary>What a mart's files are sorted by: partitions first, so that a file holds a range of them.</summary>
    internal static IReadOnlyList<string> SortBy(MartDefinition mart) => [.. mart.PartitionBy.Concat(mart.Dimensions.Select(dimension => dimension.Name)).Distinct(StringComparer.Ordinal)];

    /// <summary>A condition that columns have the values of a relation's columns of the names; null is a value like others.</summary>
    internal static string Same(IEnumerable<(string Name, string Value)> columns, string relation) =>
        string.Join(" AND ", columns.Select(column => $"{column.Value} IS NOT DISTINCT FROM {relation}.{SqlText.Identifier(column.Name)}"));

    private static IReadOnlyList<(string Name, string Value)> PartitionsOf(MartDefinition mart, Dictionary<string, string> types) =>
    [
        .. mart.PartitionBy.Select(name =>
        {
            var index = mart.Dimensions.TakeWhile(dimension => dimension.Name != name).Count();
            return (name, Grained($"\"_d{index}\"", types[$"\"_d{index}\""], mart.Dimensions[index].Grain).Value);
        }),
    ];

    /// <summary>The hidden columns that coarser groups are computed from.</summary>
    private static IEnumerable<string> Parts(MeasureDefinition measure, string value, string? condition, Dictionary<string, string> types)
    {
        var filter = condition is null ? "" : $" FILTER (WHERE {condition})";
        switch (measure.Type)
        {
            case MeasureType.Avg:
                yield return $"{Sum(value, types[value])}{filter}{SumCast(types[value])} AS {SqlText.Identifier(MeasureStorage.SumOf(measure))}";
                yield return $"count({value}){filter} AS {SqlText.Identifier(MeasureStorage.CountOf(measure))}";
                break;
            case MeasureType.ApproxCountDistinct:
                yield return $"{SketchSql.Build(value, condition)} AS {SqlText.Identifier(MeasureStorage.SketchOf(measure))}";
                break;
        }
    }

    private static (string Value, string? Fault) Grained(string value, string type, TimeGrain? grain)
    {
        if (grain is null)
            return (value, null);
        var isTime = type.StartsWith("TIMESTAMP", StringComparison.Ordinal);
        if (!isTime && (type != "DATE" || grain == TimeGrain.Hour))
            return (value, $"The grain '{EnumNames.Of(grain.Value)}' needs a {(type == "DATE" ? "timestamp" : "date or timestamp")}; the expression is {type}. CAST it, or take the grain away.");
        var cut = $"date_trunc('{EnumNames.Of(grain.Value)}', {value})";
        return (grain == TimeGrain.Hour ? cut : $"CAST({cut} AS DATE)", null);
    }

    private static bool IsFloating(string type) => type is "FLOAT" or "DOUBLE";

    private static bool IsWhole(string type) =>
        type is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT";

    // Kahan's summation: the order in which threads add must not show in a mart.
    private static string Sum(string value, string type) => $"{(IsFloating(type) ? "fsum" : "sum")}({value})";

    private static string SumCast(string type) => IsWhole(type) ? "::DECIMAL(38,0)" : "";

    /// <summary>Expressions are computed in a SELECT of their own, so that none sees a name that the mart gives.</summary>
    private static string Inner(string source, IReadOnlyList<MartExpression> expressions) =>
        $"SELECT {(expressions.Count == 0 ? "1" : string.Join(", ", expressions.Select(expression => $"{expression.Wrapped} AS {expression.Alias}")))}"
        + $" FROM {SqlText.Identifier(source)}";

    private static async Task<Dictionary<string, string>> TypesAsync(
        SqlSession session, MartDefinition mart, IReadOnlyList<MartExpression> expressions, CancellationToken cancellationToken)
    {
        try
        {
            var columns = await session.DescribeAsync(Inner(mart.Source, expressions), cancellationToken);
            return columns.ToDictionary(column => $"\"{column.Name}\"", column => column.Type, StringComparer.Ordinal);
        }
        catch (TerminalException exception) when (exception.Kind is FailureKind.Invalid)
        {
            // One of them is at fault: ask for each, to tell all places.
            List<FailureDetail> mistakes = [];
            foreach (var expression in expressions)
            {
                try
                {
                    await session.DescribeAsync(Inner(mart.Source, [expression]), cancellationToken);
                }
                catch (TerminalException single) when (single.Kind is FailureKind.Invalid)
                {
                    mistakes.Add(new FailureDetail(single.Code, single.Message, expression.Path));
                }
            }

            ThrowIfAny(mart, mistakes);
            throw;
        }
    }

    /// <param name="condition">The column that says which rows count; null for all.</param>
    private static string Aggregate(MeasureDefinition measure, string? value, string? condition, string type, out string? fault)
    {
        fault = null;
        var isNumber = IsFloating(type) || IsWhole(type) || type.StartsWith("DECIMAL", StringComparison.Ordinal);
        if (measure.Type is MeasureType.Sum or MeasureType.Avg or MeasureType.Quantile && !isNumber)
            fault = $"The {EnumWord(measure.Type)} needs a number; the expression is {type}. CAST it, or take count, min or max.";

        var filter = condition is null ? "" : $" FILTER (WHERE {condition})";
        return measure.Type switch
        {
            MeasureType.Count => $"count({value ?? "*"}){filter}",
            MeasureType.CountDistinct => $"count(DISTINCT {value}){filter}",
            MeasureType.ApproxCountDistinct => SketchSql.Estimate(SketchSql.Build(value!, condition)),
            MeasureType.Sum => $"{Sum(value!, type)}{filter}{SumCast(type)}",
            MeasureType.Avg when IsFloating(type) => $"favg({value}){filter}",
            MeasureType.Avg => $"avg({value}){filter}",
            MeasureType.Quantile => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"quantile_cont(CAST({value} AS DOUBLE), {measure.Q}::DOUBLE){filter}"),
            MeasureType.Min => $"min({value}){filter}",
            _ => $"max({value}){filter}",
        };
    }

    private static string EnumWord(MeasureType type) => type switch
    {
        MeasureType.Sum => "sum",
        MeasureType.Avg => "average",
        _ => "quantile",
    };

    internal static void ThrowIfAny(MartDefinition mart, List<FailureDetail> mistakes)
    {
        if (mistakes.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Invalid,
                MistakesCode,
                $"The mart '{mart.Name}' cannot be computed: {mistakes[0].Message}" + (mistakes.Count > 1 ? $" And {mistakes.Count - 1} more." : ""),
                mistakes[0].Target,
                mistakes);
        }
    }
}
