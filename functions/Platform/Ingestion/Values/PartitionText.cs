using System.Globalization;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Values;

/// <summary>Values as Delta's logs have those of partitions (PROTOCOL.md, "Partition Value Serialization"); the same texts that queries make of them.</summary>
internal static class PartitionText
{
    /// <param name="value">The place among the values that are not null.</param>
    /// <exception cref="TerminalException"><c>InvalidPartition</c>.</exception>
    public static string Of(StoredColumn column, ColumnBuffer buffer, int value) => buffer switch
    {
        FixedColumnBuffer<bool> bools => bools.Values[value] ? "true" : "false",
        FixedColumnBuffer<int> days when column.Type == FieldType.Date =>
            DateOnly.FromDayNumber(DateText.UnixEpochDay + days.Values[value]).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        FixedColumnBuffer<int> ints => ints.Values[value].ToString(CultureInfo.InvariantCulture),
        FixedColumnBuffer<long> longs when column.Type == FieldType.Timestamp =>
            DateTime.UnixEpoch.AddTicks(longs.Values[value] * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        FixedColumnBuffer<long> longs when column.Type == FieldType.Decimal => DecimalText.Format(longs.Values[value], column.Scale),
        FixedColumnBuffer<long> longs => longs.Values[value].ToString(CultureInfo.InvariantCulture),
        FixedColumnBuffer<Int128> wides => DecimalText.Format(wides.Values[value], column.Scale),
        BytesColumnBuffer texts when column.Type != FieldType.Binary && PartitionValues.IsText(texts[value]) => Encoding.UTF8.GetString(texts[value]),
        BytesColumnBuffer when column.Type != FieldType.Binary => throw Invalid(column, "which is a text in some rows that Delta tables read as NULL there (an empty one, or one with the character NUL): write NULL, or another text."),
        _ => throw Invalid(column, $"which is {column.TableColumn.Type}: take a boolean, whole number, decimal, string, date or timestamp."),
    };

    private static TerminalException Invalid(StoredColumn column, string why) =>
        new(FailureKind.Unprocessable, "InvalidPartition", $"The table's files are divided by '{column.Name}', {why}", column.Name);
}
