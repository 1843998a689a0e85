using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Serving.TableReading;

/// <summary>
/// Chooses the files that may hold rows which meet all of some conditions, by partition values and statistics alone: no file is opened and no SQL runs, so that
/// it costs microseconds. Comparisons of a column with values are understood, with and, or and in; all else may hold in any file.
/// </summary>
internal static class FileChoice
{
    /// <returns>In their order.</returns>
    public static IReadOnlyList<DataFile> Choose(Snapshot snapshot, IEnumerable<Expression?> conditions)
    {
        Expression[] all = [.. conditions.OfType<Expression>()];
        return all.Length == 0 || snapshot.Files.Count == 0
            ? snapshot.Files
            : [.. snapshot.Files.Where(file => all.All(condition => May(condition, file)))];
    }

    private static bool May(Expression condition, DataFile file) => condition switch
    {
        LiteralExpression { Value: bool value } => value,
        LogicalExpression { Operator: LogicalOperator.And } and => and.Operands.All(operand => May(operand, file)),
        LogicalExpression { Operator: LogicalOperator.Or } or => or.Operands.Any(operand => May(operand, file)),
        ComparisonExpression { Left: ColumnExpression column, Right: LiteralExpression value } comparison => May(file, column.Column, comparison.Operator, value),
        ComparisonExpression { Left: LiteralExpression value, Right: ColumnExpression column } comparison => May(file, column.Column, Mirrored(comparison.Operator), value),
        InExpression { Operand: ColumnExpression column } among => among.Values.Any(value => May(file, column.Column, ComparisonOperator.Equal, value)),
        _ => true,
    };

    private static bool May(DataFile file, TableColumn column, ComparisonOperator comparison, LiteralExpression literal)
    {
        var bounds = ColumnBounds.Of(file, column);
        if (literal.Value is not { } value)
        {
            return comparison switch
            {
                ComparisonOperator.Equal => bounds.MayBeNull,
                ComparisonOperator.NotEqual => !bounds.IsNull,
                _ => true,
            };
        }

        if (comparison is ComparisonOperator.NotEqual)
            return true;
        if (bounds.IsNull)
            return false;
        return (comparison is ComparisonOperator.GreaterThan or ComparisonOperator.GreaterThanOrEqual || MayReach(bounds.Least, value, least: true, comparison))
            && (comparison is ComparisonOperator.LessThan or ComparisonOperator.LessThanOrEqual || MayReach(bounds.Greatest, value, least: false, comparison));
    }

    private static bool MayReach(object? bound, object value, bool least, ComparisonOperator comparison)
    {
        if (bound is null || ValueOrder.TryCompare(bound, value) is not { } order)
            return true;
        var strict = comparison is ComparisonOperator.LessThan or ComparisonOperator.GreaterThan;
        return least ? order < 0 || (order == 0 && !strict) : order > 0 || (order == 0 && !strict);
    }

    private static ComparisonOperator Mirrored(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.GreaterThan => ComparisonOperator.LessThan,
        ComparisonOperator.GreaterThanOrEqual => ComparisonOperator.LessThanOrEqual,
        ComparisonOperator.LessThan => ComparisonOperator.GreaterThan,
        ComparisonOperator.LessThanOrEqual => ComparisonOperator.GreaterThanOrEqual,
        _ => comparison,
    };
}
