using System.IO.Hashing;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DuckDB.NET.Data;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>The columns of a key, and how rows are hashed by them: as they are stored, so after preparation and pii.</summary>
internal sealed class KeyColumns
{
    /// <summary>What tells events apart.</summary>
    public static readonly KeyColumns Events = new([StoredColumn.Event]);

    private readonly IReadOnlyList<StoredColumn> _columns;

    /// <summary>A contract's key.</summary>
    public KeyColumns(DatasetDefinition definition)
        : this([.. definition.Fields.Where(field => definition.Key.Contains(field.Name)).Select(StoredColumn.Of)])
    {
    }

    private KeyColumns(IReadOnlyList<StoredColumn> columns)
    {
        // In one order whatever order the contract lists them in.
        _columns = [.. columns.OrderBy(column => column.Name, StringComparer.OrdinalIgnoreCase)];
        var text = string.Join('\n', _columns.Select(column => $"{column.Name.ToUpperInvariant()} {KindOf(column)}"));
        Fingerprint = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Names the key and the kinds of its values: hashes under one fingerprint can be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether a data file's statistics leave room for a row with a whole key.</summary>
    public bool MayBeIn(DataFile file) => file.Statistics is not { } statistics
        || _columns.All(column => PartitionValues.TryOf(file, column.Name, out var value)
            ? value is not null
            : statistics.NullCount.TryGetValue(column.Name, out var nulls) && nulls < statistics.Rows);

    /// <returns>The hashes of a block's rows, in their order.</returns>
    public UInt128[] Hash(RowBlock block)
    {
        var buffers = _columns.Select(column => BufferOf(block, column)).ToArray();
        var hashes = new UInt128[block.Rows];
        var encoder = new KeyEncoder();
        for (var row = 0; row < hashes.Length; row++)
        {
            for (var i = 0; i < buffers.Length; i++)
                Add(encoder, _columns[i], buffers[i], row);
            hashes[row] = encoder.Finish();
        }

        return hashes;
    }

    /// <summary>A query over a data file: the key's values, then <c>_row</c> (-1 without) and <c>_ingested_at</c> (null without) in
    /// microseconds. Rows without a whole key are left out.</summary>
    public string Select(DataFile file, string localFile)
    {
        List<TableColumn> columns = [.. _columns.Select(column => column.TableColumn), StoredColumn.Row.TableColumn, StoredColumn.IngestedAt.TableColumn];
        var values = _columns.Select(column => (Name: SqlText.Identifier(column.Name), column.Type) switch
        {
            (var name, FieldType.Int32) => $"CAST({name} AS BIGINT)",
            (var name, FieldType.Decimal) => $"CAST({name} AS VARCHAR)",
            (var name, FieldType.Date) => $"CAST({name} - DATE '1970-01-01' AS BIGINT)",
            (var name, FieldType.Timestamp) => $"epoch_us({name})",
            (var name, FieldType.Binary) => $"hex({name})",
            var (name, _) => name,
        });
        var present = string.Join(" AND ", _columns.Select(column => $"{SqlText.Identifier(column.Name)} IS NOT NULL"));
        return $"SELECT {string.Join(", ", values)}, coalesce({SystemColumns.Row}, -1), epoch_us({SystemColumns.IngestedAt}) "
            + $"FROM ({PartitionedRelation.Of(columns, [file], [localFile], instants: false, alike: false)}) WHERE {present}";
    }

    /// <summary>Hashes a row of <see cref="Select"/>.</summary>
    public (UInt128 Hash, long Row, long? Time) Read(DuckDBDataReader reader, KeyEncoder encoder)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            switch (_columns[i].Type)
            {
                case FieldType.Bool:
                    encoder.AddBool(reader.GetBoolean(i));
                    break;
                case FieldType.Int32 or FieldType.Int64:
                    encoder.AddInteger(reader.GetInt64(i));
                    break;
                case FieldType.Float64:
                    encoder.AddFloat(reader.GetDouble(i));
                    break;
                case FieldType.Date:
                    encoder.AddDate(reader.GetInt64(i));
                    break;
                case FieldType.Timestamp:
                    encoder.AddTimestamp(reader.GetInt64(i));
                    break;
                case FieldType.Decimal:
                    encoder.AddDecimal(Encoding.ASCII.GetBytes(reader.GetString(i)));
                    break;
                case FieldType.Binary:
                    encoder.AddBinary(Convert.FromHexString(reader.GetString(i)));
                    break;
                default:
                    encoder.AddText(Encoding.UTF8.GetBytes(reader.GetString(i)));
                    break;
            }
        }

        var hash = encoder.Finish();
        return (hash, reader.GetInt64(_columns.Count), reader.IsDBNull(_columns.Count + 1) ? null : reader.GetInt64(_columns.Count + 1));
    }

    private static ColumnBuffer BufferOf(RowBlock block, StoredColumn column)
    {
        for (var i = 0; i < block.Columns.Count; i++)
        {
            if (block.Columns[i].Name == column.Name && block.Buffers[i].Count == block.Rows)
                return block.Buffers[i];
        }

        throw new InvalidOperationException($"Rows without a value in the key column '{column.Name}' were accepted.");
    }

    private static char KindOf(StoredColumn column) => column.Type switch
    {
        FieldType.Bool => 'b',
        FieldType.Int32 or FieldType.Int64 => 'i',
        FieldType.Float64 => 'f',
        FieldType.Date => 'd',
        FieldType.Timestamp => 't',
        FieldType.Decimal => 'n',
        FieldType.Binary => 'x',
        _ => 's',
    };

    private static void Add(KeyEncoder encoder, StoredColumn column, ColumnBuffer buffer, int row)
    {
        switch (buffer)
        {
            case BytesColumnBuffer bytes when column.Type == FieldType.Binary:
                encoder.AddBinary(bytes[row]);
                break;
            case BytesColumnBuffer texts:
                encoder.AddText(texts[row]);
                break;
            case FixedColumnBuffer<Int128> wides:
                encoder.AddDecimal(wides.Values[row], column.Scale);
                break;
            case FixedColumnBuffer<long> longs when column.Type == FieldType.Decimal:
                encoder.AddDecimal(longs.Values[row], column.Scale);
                break;
            case FixedColumnBuffer<long> longs when column.Type == FieldType.Timestamp:
                encoder.AddTimestamp(longs.Values[row]);
                break;
            case FixedColumnBuffer<long> longs:
                encoder.AddInteger(longs.Values[row]);
                break;
            case FixedColumnBuffer<int> days when column.Type == FieldType.Date:
                encoder.AddDate(days.Values[row]);
                break;
            case FixedColumnBuffer<int> ints:
                encoder.AddInteger(ints.Values[row]);
                break;
            case FixedColumnBuffer<bool> bools:
                encoder.AddBool(bools.Values[row]);
                break;
            case FixedColumnBuffer<double> floats:
                encoder.AddFloat(floats.Values[row]);
                break;
        }
    }
}
