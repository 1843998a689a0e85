using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>The type of a term.</summary>
internal readonly record struct TermType(TermKind Kind, int Precision = 0, int Scale = 0)
{
    public static readonly TermType Bool = new(TermKind.Bool);
    public static readonly TermType Int32 = new(TermKind.Int32);
    public static readonly TermType Int64 = new(TermKind.Int64);
    public static readonly TermType Float64 = new(TermKind.Float64);
    public static readonly TermType Text = new(TermKind.Text);
    public static readonly TermType Date = new(TermKind.Date);
    public static readonly TermType Timestamp = new(TermKind.Timestamp);

    public bool IsInteger => Kind is TermKind.Int32 or TermKind.Int64;

    public bool IsNumber => IsInteger || Kind is TermKind.Float64 or TermKind.Decimal;

    /// <summary>The number as a decimal type that holds all its values.</summary>
    public TermType AsDecimal => Kind switch
    {
        TermKind.Int32 => Decimal(10, 0),
        TermKind.Int64 => Decimal(19, 0),
        _ => this,
    };

    public static TermType Decimal(int precision, int scale) => new(TermKind.Decimal, precision, scale);

    /// <summary>What an expression sees of a field: times, UUIDs and JSON are texts, as they are in the dataset's table.</summary>
    /// <returns>Null for binary fields, which cannot be used.</returns>
    public static TermType? Of(StoredColumn column) => column.Type switch
    {
        FieldType.Bool => Bool,
        FieldType.Int32 => Int32,
        FieldType.Int64 => Int64,
        FieldType.Float64 => Float64,
        FieldType.Decimal => Decimal(column.Precision, column.Scale),
        FieldType.Date => Date,
        FieldType.Timestamp => Timestamp,
        FieldType.Binary => null,
        _ => Text,
    };

    public override string ToString() => Kind switch
    {
        TermKind.Decimal => $"decimal({Precision},{Scale})",
        TermKind.Text => "string",
        TermKind.Null => "NULL",
        _ => EnumNames.Of(Kind).Replace("_", "", StringComparison.Ordinal),
    };
}
