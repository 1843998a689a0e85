using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>Decimals of up to 18 digits, kept in 64 bits.</summary>
internal sealed class NarrowDecimalParser(FieldDefinition field, StoredColumn column) : DecimalParser(field, column)
{
    private FixedColumnBuffer<long> _buffer = null!;

    public override void Bind(ColumnBuffer buffer) => _buffer = (FixedColumnBuffer<long>)buffer;

    protected override void Store(Int128 unscaled) => _buffer.Append((long)unscaled);
}
