using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>From Delta's type names to <see cref="ValueKind"/>.</summary>
public static class ValueKinds
{
    /// <exception cref="TerminalException"><c>UnsupportedColumnType</c>: nested types and the like cannot be queried.</exception>
    public static ValueKind Of(TableColumn column) => column.Type switch
    {
        "boolean" => ValueKind.Boolean,
        "byte" or "short" or "integer" or "long" => ValueKind.Integer,
        "float" or "double" => ValueKind.Double,
        "string" => ValueKind.String,
        "date" => ValueKind.Date,
        "timestamp" => ValueKind.Timestamp,
        "binary" => ValueKind.Binary,
        var type when type.StartsWith("decimal(", StringComparison.Ordinal) => ValueKind.Decimal,
        _ => throw new TerminalException(
            FailureKind.NotImplemented, "UnsupportedColumnType", $"Column '{column.Name}' has the type {column.Type}, which cannot be queried.", column.Name),
    };

    /// <summary>Precision and scale of <c>decimal(p,s)</c>.</summary>
    public static (int Precision, int Scale) DecimalFacets(TableColumn column)
    {
        var inner = column.Type.AsSpan()["decimal(".Length..^1];
        var comma = inner.IndexOf(',');
        return comma < 0
            ? (int.Parse(inner), 0)
            : (int.Parse(inner[..comma]), int.Parse(inner[(comma + 1)..]));
    }

    public static bool IsNumber(this ValueKind kind) => kind is ValueKind.Integer or ValueKind.Decimal or ValueKind.Double;

    /// <summary>Whether values of the two kinds have an order between them.</summary>
    public static bool CanCompare(ValueKind left, ValueKind right) =>
        left == right
        || left is ValueKind.Null || right is ValueKind.Null
        || (left.IsNumber() && right.IsNumber())
        || (left is ValueKind.Date or ValueKind.Timestamp && right is ValueKind.Date or ValueKind.Timestamp);
}
