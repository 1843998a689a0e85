using System.Text;
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
    /// <exception cref="TerminalException"><c>InvalidMart</c> with all mistakes, each at its JSON path.</exception>
    public async Task<MartQuery> CompileAsync(SqlSession session, MartDefinition mart, CancellationToken cancellationToken)
    {
        var expressions = MartExpression.Of(mart);
        var types = await TypesAsync(session, mart, expressions, cancellationToken);
        List<FailureDetail> mistakes = [];
        var select = new StringBuilder("SELECT ");
        foreach (var dimension in expressions.Where(expression => expression.Measure is null))
            select.Append(dimension.Alias).Append(" AS ").Append(SqlText.Identifier(dimension.Name)).Append(", ");
        for (var index = 0; index < mart.Measures.Count; index++)
        {
            var measure = mart.Measures[index];
            var expression = expressions.FirstOrDefault(expression => expression.Measure == measure);
            var aggregate = Aggregate(measure, expression?.Alias, expression is null ? "" : types[expression.Alias], out var fault);
            if (fault is not null)
                mistakes.Add(new FailureDetail("TypeMismatch", fault, $"$.measures[{index}].sql"));
            select.Append(index == 0 ? "" : ", ").Append(aggregate).Append(" AS ").Append(SqlText.Identifier(measure.Name));
        }

        ThrowIfAny(mart, mistakes);
        select.Append(" FROM (").Append(Inner(mart, expressions)).Append(')');
        if (mart.Dimensions.Count > 0)
            select.Append(" GROUP BY ").AppendJoin(", ", expressions.Where(expression => expression.Measure is null).Select(expression => expression.Alias));
        return new MartQuery(select.ToString(), [.. mart.Dimensions.Select(dimension => dimension.Name)]);
    }

    /// <summary>Expressions are computed in a SELECT of their own, so that none sees a name that the mart gives.</summary>
    private static string Inner(MartDefinition mart, IReadOnlyList<MartExpression> expressions) =>
        $"SELECT {(expressions.Count == 0 ? "1" : string.Join(", ", expressions.Select(expression => $"{expression.Wrapped} AS {expression.Alias}")))}"
        + $" FROM {SqlText.Identifier(mart.Source)}";

    private static async Task<Dictionary<string, string>> TypesAsync(
        SqlSession session, MartDefinition mart, IReadOnlyList<MartExpression> expressions, CancellationToken cancellationToken)
    {
        try
        {
            var columns = await session.DescribeAsync(Inner(mart, expressions), cancellationToken);
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
                    await session.DescribeAsync(Inner(mart, [expression]), cancellationToken);
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

    private static string Aggregate(MeasureDefinition measure, string? value, string type, out string? fault)
    {
        fault = null;
        var floating = type is "FLOAT" or "DOUBLE";
        var whole = type is "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT";
        var isDecimal = type.StartsWith("DECIMAL", StringComparison.Ordinal);
        if (measure.Type is MeasureType.Sum or MeasureType.Avg && !floating && !whole && !isDecimal)
            fault = $"The {EnumWord(measure.Type)} needs a number; the expression is {type}. CAST it, or take count, min or max.";

        // Kahan's summation: the order in which threads add must not show in a mart.
        return measure.Type switch
        {
            MeasureType.Count => value is null ? "count(*)" : $"count({value})",
            MeasureType.CountDistinct => $"count(DISTINCT {value})",
            MeasureType.Sum when floating => $"fsum({value})",
            MeasureType.Sum when whole => $"CAST(sum({value}) AS DECIMAL(38,0))",
            MeasureType.Sum => $"sum({value})",
            MeasureType.Avg when floating => $"favg({value})",
            MeasureType.Avg => $"avg({value})",
            MeasureType.Min => $"min({value})",
            _ => $"max({value})",
        };
    }

    private static string EnumWord(MeasureType type) => type is MeasureType.Sum ? "sum" : "average";

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
