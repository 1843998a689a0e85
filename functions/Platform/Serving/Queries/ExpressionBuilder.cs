using DataPlatform.Failures;
using Microsoft.OData.UriParser;

namespace DataPlatform.Serving.Queries;

/// <summary>
/// From the OData parser's tree to ours. The parser's type conversions are dropped, since literals are typed against columns here.
/// Every kind of node is overridden: what queries do not offer is a 501 that names it, never the base class's NotImplementedException.
/// </summary>
internal sealed class ExpressionBuilder(RowModel model, string option, string text) : QueryNodeVisitor<Expression>
{
    private static readonly Dictionary<string, QueryFunction> Functions =
        Enum.GetValues<QueryFunction>().ToDictionary(function => function.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static IEnumerable<string> FunctionNames => Functions.Keys;

    public Expression Build(QueryNode node) => node.Accept(this);

    /// <summary>The 501 for a part of the language that is not offered.</summary>
    /// <param name="what">Starts the sentence: "The function 'now'".</param>
    public static TerminalException Unsupported(string option, string text, string what, string? word = null) => new(
        FailureKind.NotImplemented,
        "UnsupportedExpression",
        $"{what}{(word is null ? "" : QueryNames.Place(text, word))} of {option} is not offered. Offered are eq ne gt ge lt le in and or not "
            + $"add sub mul div mod and the functions {string.Join(", ", FunctionNames)}.",
        option);

    public override Expression Visit(BinaryOperatorNode nodeIn)
    {
        if (nodeIn.OperatorKind is BinaryOperatorKind.And or BinaryOperatorKind.Or)
            return Logical(nodeIn);

        var (left, right) = (Build(nodeIn.Left), Build(nodeIn.Right));
        return nodeIn.OperatorKind switch
        {
            BinaryOperatorKind.Equal => Compare(ComparisonOperator.Equal, left, right),
            BinaryOperatorKind.NotEqual => Compare(ComparisonOperator.NotEqual, left, right),
            BinaryOperatorKind.GreaterThan => Compare(ComparisonOperator.GreaterThan, left, right),
            BinaryOperatorKind.GreaterThanOrEqual => Compare(ComparisonOperator.GreaterThanOrEqual, left, right),
            BinaryOperatorKind.LessThan => Compare(ComparisonOperator.LessThan, left, right),
            BinaryOperatorKind.LessThanOrEqual => Compare(ComparisonOperator.LessThanOrEqual, left, right),
            BinaryOperatorKind.Add => Compute(ArithmeticOperator.Add, "add", left, right),
            BinaryOperatorKind.Subtract => Compute(ArithmeticOperator.Subtract, "sub", left, right),
            BinaryOperatorKind.Multiply => Compute(ArithmeticOperator.Multiply, "mul", left, right),
            BinaryOperatorKind.Divide => Compute(ArithmeticOperator.Divide, "div", left, right),
            BinaryOperatorKind.Modulo => Compute(ArithmeticOperator.Modulo, "mod", left, right),
            _ => throw Unsupported(option, text, $"The operator '{nodeIn.OperatorKind}'"),
        };
    }

    public override Expression Visit(UnaryOperatorNode nodeIn)
    {
        var operand = Build(nodeIn.Operand);
        if (nodeIn.OperatorKind is UnaryOperatorKind.Not)
            return new NotExpression(operand);
        return operand.Kind.IsNumber()
            ? new NegateExpression(operand)
            : throw new TerminalException(
                FailureKind.Invalid, "TypeMismatch", $"The minus sign{QueryNames.Place(text, "-")} of {option} stands before something that is no number.", option);
    }

    public override Expression Visit(InNode nodeIn)
    {
        var operand = Build(nodeIn.Left);
        if (nodeIn.Right is not CollectionConstantNode list)
            throw Unsupported(option, text, "The operator 'in' with anything but a list of values", "in");
        var values = list.Collection
            .Select(constant => LiteralReader.Coerce((LiteralExpression)Visit(constant), operand))
            .ToList();
        return values.FirstOrDefault(value => !ValueKinds.CanCompare(operand.Kind, value.Kind)) is { } stranger
            ? throw Mismatch("in", operand, stranger)
            : new InExpression(operand, values);
    }

    public override Expression Visit(ConstantNode nodeIn) =>
        LiteralReader.Read(nodeIn, option)
        ?? throw Unsupported(option, text, $"The value {nodeIn.LiteralText}");

    public override Expression Visit(ConvertNode nodeIn) => Build(nodeIn.Source);

    public override Expression Visit(SingleValuePropertyAccessNode nodeIn) =>
        model.Columns.TryGetValue(nodeIn.Property.Name, out var column)
            ? new ColumnExpression(column)
            : throw RowResolver.UnknownColumn(model, option, text, nodeIn.Property.Name);

    public override Expression Visit(SingleValueFunctionCallNode nodeIn)
    {
        if (!Functions.TryGetValue(nodeIn.Name, out var function))
            throw Unsupported(option, text, $"The function '{nodeIn.Name}'", nodeIn.Name);
        return new FunctionExpression(function, [.. nodeIn.Parameters.Select(Build)]);
    }

    public override Expression Visit(AllNode nodeIn) => throw Not("The lambda 'all'", "all");

    public override Expression Visit(AnyNode nodeIn) => throw Not("The lambda 'any'", "any");

    public override Expression Visit(CountNode nodeIn) => throw Not("'$count'", "count");

    public override Expression Visit(CollectionNavigationNode nodeIn) => throw Not("A navigation");

    public override Expression Visit(CollectionPropertyAccessNode nodeIn) => throw Not("A collection");

    public override Expression Visit(CollectionOpenPropertyAccessNode nodeIn) => throw Not("A collection");

    public override Expression Visit(CollectionConstantNode nodeIn) => throw Not("A list outside of 'in'");

    public override Expression Visit(CollectionResourceCastNode nodeIn) => throw Not("A type cast");

    public override Expression Visit(ResourceRangeVariableReferenceNode nodeIn) => throw Not("'$it' as a value", "it");

    public override Expression Visit(NonResourceRangeVariableReferenceNode nodeIn) => throw Not("A lambda variable");

    public override Expression Visit(SingleResourceCastNode nodeIn) => throw Not("A type cast");

    public override Expression Visit(SingleNavigationNode nodeIn) => throw Not("A navigation");

    public override Expression Visit(SingleResourceFunctionCallNode nodeIn) => throw Not($"The function '{nodeIn.Name}'", nodeIn.Name);

    public override Expression Visit(CollectionResourceFunctionCallNode nodeIn) => throw Not($"The function '{nodeIn.Name}'", nodeIn.Name);

    public override Expression Visit(CollectionFunctionCallNode nodeIn) => throw Not($"The function '{nodeIn.Name}'", nodeIn.Name);

    public override Expression Visit(SingleValueOpenPropertyAccessNode nodeIn) =>
        throw RowResolver.UnknownColumn(model, option, text, nodeIn.Name);

    public override Expression Visit(NamedFunctionParameterNode nodeIn) => throw Not($"The named argument '{nodeIn.Name}'", nodeIn.Name);

    public override Expression Visit(ParameterAliasNode nodeIn) => throw Not($"The parameter alias '{nodeIn.Alias}'");

    public override Expression Visit(SearchTermNode nodeIn) => throw Not("A search term");

    public override Expression Visit(SingleComplexNode nodeIn) => throw Not("A nested value");

    public override Expression Visit(CollectionComplexNode nodeIn) => throw Not("A collection");

    public override Expression Visit(SingleValueCastNode nodeIn) => throw Not("A type cast");

    public override Expression Visit(AggregatedCollectionPropertyNode nodeIn) => throw Not("An aggregated collection");

    public override Expression Visit(RootPathNode nodeIn) => throw Not("'$root'", "root");

    public override Expression Visit(CustomQueryOptionNode nodeIn) => throw Not("A custom option");

    private TerminalException Not(string what, string? word = null) => Unsupported(option, text, what, word);

    private LogicalExpression Logical(BinaryOperatorNode node)
    {
        var operands = new List<Expression>();
        var pending = new Stack<QueryNode>([node]);
        while (pending.TryPop(out var next))
        {
            if (Unwrap(next) is BinaryOperatorNode inner && inner.OperatorKind == node.OperatorKind)
            {
                pending.Push(inner.Right);
                pending.Push(inner.Left);
            }
            else
            {
                operands.Add(Build(next));
            }
        }

        return new LogicalExpression(node.OperatorKind is BinaryOperatorKind.And ? LogicalOperator.And : LogicalOperator.Or, operands);
    }

    private static QueryNode Unwrap(QueryNode node) => node is ConvertNode convert ? Unwrap(convert.Source) : node;

    private ComparisonExpression Compare(ComparisonOperator comparison, Expression left, Expression right)
    {
        if (!ValueKinds.CanCompare(left.Kind, right.Kind))
            throw Mismatch(comparison.ToString(), left, right);
        return new ComparisonExpression(
            comparison,
            left is LiteralExpression first ? LiteralReader.Coerce(first, right) : left,
            right is LiteralExpression second ? LiteralReader.Coerce(second, left) : right);
    }

    private ArithmeticExpression Compute(ArithmeticOperator arithmetic, string word, Expression left, Expression right) =>
        left.Kind.IsNumber() && right.Kind.IsNumber()
            ? new ArithmeticExpression(
                arithmetic,
                left is LiteralExpression first ? LiteralReader.Coerce(first, right) : left,
                right is LiteralExpression second ? LiteralReader.Coerce(second, left) : right)
            : left.Kind is ValueKind.Null || right.Kind is ValueKind.Null
                ? throw Mismatch(word, left, right)
                : throw Unsupported(option, text, $"'{word}' on anything but numbers", word);

    private TerminalException Mismatch(string word, Expression left, Expression right) => new(
        FailureKind.Invalid, "TypeMismatch", $"{left.Kind} and {right.Kind} do not go together with '{word}' in {option}.", option);
}
