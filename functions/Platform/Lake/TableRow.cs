using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Azure;
using Azure.Data.Tables;

namespace DataPlatform.Lake;

/// <summary>
/// A row as an entity: the document in binary properties <c>v0</c>, <c>v1</c> … of at most 64 KiB (the most a property takes), and in <c>w</c> the
/// random id of the write.
/// </summary>
internal sealed class TableRow
{
    private const int PartBytes = 64 << 10;
    private const string WriterKey = "w";
    private static readonly SearchValues<char> OutsideETags = SearchValues.Create("\r\n\0");

    private readonly ReadOnlyMemory<byte> _value;
    private readonly string _writer = Guid.NewGuid().ToString("n");

    private TableRow(RowKey key, ReadOnlyMemory<byte> value)
    {
        Key = key;
        _value = value;
        Entity = new TableEntity(key.Partition, key.Id) { [WriterKey] = _writer };
        for (var (part, offset) = (0, 0); offset < value.Length; part++, offset += PartBytes)
            Entity[$"v{part}"] = value.Slice(offset, Math.Min(PartBytes, value.Length - offset)).ToArray();
    }

    public RowKey Key { get; }

    public TableEntity Entity { get; }

    public static TableRow Create(RowKey key, ReadOnlyMemory<byte> value)
    {
        RowLimits.CheckKey(key);
        RowLimits.CheckValue(key, value);
        return new TableRow(key, value);
    }

    public static Row Read(TableEntity entity)
    {
        var value = entity.GetBinary("v0") ?? [];
        if (entity.ContainsKey("v1"))
        {
            using var all = new MemoryStream();
            all.Write(value);
            for (var part = 1; entity.GetBinary($"v{part}") is { } bytes; part++)
                all.Write(bytes);
            value = all.ToArray();
        }

        return new Row(new RowKey(entity.PartitionKey, entity.RowKey), entity.ETag.ToString(), value);
    }

    /// <summary>Table ETags look like <c>W/"datetime'…'"</c>; the service calls others bad requests, and takes <c>*</c> for any.</summary>
    public static bool IsETag(string etag) =>
        etag.StartsWith("W/\"", StringComparison.Ordinal) && etag.EndsWith('"') && etag.AsSpan().IndexOfAny(OutsideETags) < 0;

    /// <summary>Azure takes letters and digits only and ignores case; a hash keeps apart what dropping characters would make one.</summary>
    public static string TableNameOf(string table)
    {
        var letters = string.Concat(table.Where(char.IsAsciiLetterOrDigit));
        return letters.Length == table.Length
            ? $"dp{letters}"
            : $"dp{letters}x{(uint)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(table)):x8}";
    }

    public bool Wrote(TableEntity entity) => entity.GetString(WriterKey) == _writer;

    public Row Stored(Response response) => new(Key, response.Headers.ETag!.Value.ToString(), _value);

    public TableTransactionAction Action(RowOperation operation) => new(
        operation.Kind switch
        {
            RowOperationKind.Insert => TableTransactionActionType.Add,
            RowOperationKind.Replace => TableTransactionActionType.UpdateReplace,
            RowOperationKind.Upsert => TableTransactionActionType.UpsertReplace,
            RowOperationKind.Delete => TableTransactionActionType.Delete,
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        },
        Entity,
        operation is { Kind: RowOperationKind.Replace or RowOperationKind.Delete, ETag: { } etag } ? new ETag(etag) : ETag.All);
}
