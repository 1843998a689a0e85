using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Decimals of 19 to 38 digits.</summary>
internal sealed class WideDecimalParser(FieldDefinition field, StoredColumn column) : DecimalParser(field, column)
{
    private WideDecimalColumnBuffer _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (WideDecimalColumnBuffer)buffer;

    protected override void Store(Int128 unscaled) => _buffer.Append(unscaled);
}
