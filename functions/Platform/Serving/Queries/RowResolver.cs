using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace DataPlatform.Serving.Queries;

/// <summary>Makes the parser's findings about names and types into messages that name the place and the fix.</summary>
internal sealed class RowResolver(RowModel model, string option, string text) : ODataUriResolver
{
    public override IEdmProperty ResolveProperty(IEdmStructuredType type, string propertyName) =>
        type.FindProperty(propertyName) ?? throw UnknownColumn(model, option, text, propertyName);

    public override void PromoteBinaryOperandTypes(
        BinaryOperatorKind binaryOperatorKind,
        ref SingleValueNode leftNode,
        ref SingleValueNode rightNode,
        out IEdmTypeReference typeReference)
    {
        if (binaryOperatorKind is BinaryOperatorKind.Has)
            throw ExpressionBuilder.Unsupported(option, text, "The operator 'has'", "has");
        var (left, right) = (Describe(leftNode), Describe(rightNode));
        (leftNode, rightNode) = (Align(leftNode, rightNode), Align(rightNode, leftNode));
        try
        {
            base.PromoteBinaryOperandTypes(binaryOperatorKind, ref leftNode, ref rightNode, out typeReference);
        }
        catch (ODataException exception)
        {
            var place = leftNode is SingleValuePropertyAccessNode property ? QueryNames.Place(text, property.Property.Name) : "";
            throw new TerminalException(
                FailureKind.Invalid,
                "TypeMismatch",
                $"{char.ToUpperInvariant(left[0])}{left[1..]} and {right} do not go together with '{Keyword(binaryOperatorKind)}'{place} of {option}. "
                    + "Text goes in single quotes, numbers, dates and timestamps (2021-02-03T04:05:06Z) without.",
                option,
                innerException: exception);
        }
    }

    public static TerminalException UnknownColumn(RowModel model, string option, string text, string name) => new(
        FailureKind.Invalid,
        "UnknownColumn",
        model.Columns.TryGetValue(name, out var column)
            ? $"Column '{name}' has the type {column.Type} and can't be used in {option}."
            : $"There is no column '{name}'{QueryNames.Place(text, name)} of {option}.{DidYouMean.Sentence(name, model.Columns.Keys)}"
                + $" Columns: {string.Join(", ", model.Columns.Keys)}.",
        option);

    /// <summary>The parser knows no way between Decimal and Double, though OData promotes the one to the other.</summary>
    private static SingleValueNode Align(SingleValueNode node, SingleValueNode other) =>
        node.TypeReference is { } type && type.IsDecimal()
        && other.TypeReference is { } goal && (goal.IsDouble() || goal.IsSingle())
            ? new ConvertNode(node, EdmCoreModel.Instance.GetDouble(isNullable: true))
            : node;

    private static string Describe(SingleValueNode node) => node switch
    {
        SingleValuePropertyAccessNode property => $"the column '{property.Property.Name}' ({TypeName(node)})",
        ConstantNode constant => $"the value {constant.LiteralText} ({TypeName(node)})",
        _ => $"an expression ({TypeName(node)})",
    };

    private static string TypeName(SingleValueNode node) => node.TypeReference?.FullName()["Edm.".Length..] ?? "null";

    private static string Keyword(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Equal => "eq",
        BinaryOperatorKind.NotEqual => "ne",
        BinaryOperatorKind.GreaterThan => "gt",
        BinaryOperatorKind.GreaterThanOrEqual => "ge",
        BinaryOperatorKind.LessThan => "lt",
        BinaryOperatorKind.LessThanOrEqual => "le",
        BinaryOperatorKind.Add => "add",
        BinaryOperatorKind.Subtract => "sub",
        BinaryOperatorKind.Multiply => "mul",
        BinaryOperatorKind.Divide => "div",
        BinaryOperatorKind.Modulo => "mod",
        BinaryOperatorKind.And => "and",
        BinaryOperatorKind.Or => "or",
        _ => "has",
    };
}
