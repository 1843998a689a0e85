using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>A column that a batch fills: its rules, its parser and the buffer of the block at hand.</summary>
internal sealed class ColumnSlot
{
    private ColumnBuffer? _buffer;

    public ColumnSlot(FieldDefinition field, StoredColumn column, ValueParser parser, bool required)
    {
        Field = field;
        Column = column;
        Parser = parser;
        Required = required;
        EmptyIsNull = parser.EmptyIsNull;
        Name = System.Text.Encoding.UTF8.GetBytes(field.InputName);
    }

    public FieldDefinition Field { get; }

    public StoredColumn Column { get; }

    public ValueParser Parser { get; }

    public bool Required { get; }

    public bool EmptyIsNull { get; }

    /// <summary>The input's name, UTF-8.</summary>
    public byte[] Name { get; }

    public ColumnBuffer Buffer
    {
        get => _buffer!;
        set
        {
            _buffer = value;
            Parser.Bind(value);
        }
    }
}
