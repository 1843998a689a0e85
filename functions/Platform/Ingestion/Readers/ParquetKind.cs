namespace DataPlatform.Ingestion.Readers;

/// <summary>What a Parquet column's values are, apart from how they are encoded.</summary>
internal enum ParquetKind
{
    Bool,
    Integer,
    Unsigned64,
    Double,
    Decimal,
    Date,
    Time,
    Timestamp,
    Text,
    Bytes,
    Uuid,
    Unsupported,
}
