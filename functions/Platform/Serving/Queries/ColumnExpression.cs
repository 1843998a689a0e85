using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>The row's value in a column of the table.</summary>
public sealed record ColumnExpression(TableColumn Column) : Expression
{
    public override ValueKind Kind { get; } = ValueKinds.Of(Column);

    public override bool Nullable => Column.Nullable;
}
