using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <summary>A column that a batch fills: its rules, its parser and the buffer of the block at hand.</summary>
internal sealed class ColumnSlot
{
    private ColumnBuffer? _buffer;

    /// <param name="parser">Reads the input.</param>
    /// <param name="result">Checks what is stored when that is not what was read: results of expressions, defaults. Null: the same.</param>
    public ColumnSlot(FieldDefinition field, StoredColumn column, ValueParser parser, bool required, ValueParser? result = null)
    {
        Field = field;
        Column = column;
        Parser = parser;
        Result = result ?? parser;
        Required = required;
        EmptyIsNull = parser.EmptyIsNull;
        Name = Encoding.UTF8.GetBytes(field.InputName);
        Default = field.Default is null ? null : Encoding.UTF8.GetBytes(field.Default);
        IsLate = field.Expression is not null || Default is not null || field.NullTokens is not null || field.Trim;
    }

    public FieldDefinition Field { get; }

    public StoredColumn Column { get; }

    public ValueParser Parser { get; }

    public ValueParser Result { get; }

    public bool Required { get; }

    /// <summary>Whether the column has a value is only known when the whole row was read.</summary>
    public bool IsLate { get; }

    public byte[]? Default { get; }

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
            if (!ReferenceEquals(Result, Parser))
                Result.Bind(value);
        }
    }
}
