using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>One text that tells a row apart by some of its columns, whatever their types and nulls: the MD5 of their texts, each after its length. 32 hexadecimal
/// digits in lower case.</summary>
public sealed record RowKeyExpression(IReadOnlyList<TableColumn> Columns) : Expression
{
    public override ValueKind Kind => ValueKind.String;

    public override bool Nullable => false;
}
