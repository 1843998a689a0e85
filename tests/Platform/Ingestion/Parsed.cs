using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion;

/// <summary>What a reader made of a body.</summary>
internal sealed record Parsed(
    IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows, IReadOnlyList<long> RowNumbers, IReadOnlyList<JsonObject> Quarantine,
    long Received, long Discarded)
{
    // For formats that are read from local disk; a later run removes what this one leaves.
    private static readonly Lazy<ScratchFolder> Scratch = new(() => new ScratchFolder(
        Options.Create(new PlatformOptions { Scratch = Path.Combine(Path.GetTempPath(), "dataplatform-parsed") })));

    public static DatasetDefinition Dataset(params FieldDefinition[] fields) => new() { Name = "things", Fields = fields };

    public static FieldDefinition Field(string name, FieldType type, bool required = false) =>
        new() { Name = name, Type = type, Required = required };

    public static Parsed Csv(DatasetDefinition definition, string text, IngestionLimits? limits = null, int chunk = int.MaxValue) =>
        Read(definition, BatchFormat.Csv, Encoding.UTF8.GetBytes(text), limits, chunk);

    public static Parsed Json(DatasetDefinition definition, string text, IngestionLimits? limits = null, int chunk = int.MaxValue) =>
        Read(definition, BatchFormat.Json, Encoding.UTF8.GetBytes(text), limits, chunk);

    public static Parsed Ndjson(DatasetDefinition definition, string text, IngestionLimits? limits = null) =>
        Read(definition, BatchFormat.Ndjson, Encoding.UTF8.GetBytes(text), limits);

    /// <param name="chunk">Bytes the body gives with each read.</param>
    public static Parsed Read(
        DatasetDefinition definition,
        BatchFormat format,
        byte[] body,
        IngestionLimits? limits = null,
        int chunk = int.MaxValue,
        IReadOnlyList<TableColumn>? table = null) => Read(definition, new BatchMedia(format), body, limits, chunk, table);

    public static Parsed Read(
        DatasetDefinition definition,
        BatchMedia media,
        byte[] body,
        IngestionLimits? limits = null,
        int chunk = int.MaxValue,
        IReadOnlyList<TableColumn>? table = null)
    {
        limits ??= IngestionLimits.Default;
        using var rows = new RowCollector(ContractPlan.Plain(definition), table ?? [], limits);
        var reader = new BodyReader(media, definition, new ChunkedStream(body, chunk), Scratch.Value, limits);
        try
        {
            return Collect(rows, reader.ReadAsync);
        }
        finally
        {
            var closing = reader.DisposeAsync();
            Assert.True(closing.IsCompletedSuccessfully);
        }
    }

    public static Parsed Collect(RowCollector rows, RowReader reader) => Collect(rows, reader.ReadAsync);

    private static Parsed Collect(RowCollector rows, Func<RowCollector, CancellationToken, ValueTask<bool>> read)
    {
        var values = new List<object?[]>();
        var numbers = new List<long>();
        var columns = new List<string>();
        bool more;
        do
        {
            var pending = read(rows, CancellationToken.None);
            more = pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
            if (rows.IsFull || !more)
            {
                var block = rows.DetachBlock();
                rows.AttachBlock(null);
                columns = [.. block.Columns.Select(column => column.Name)];
                values.AddRange(Values(block));
                numbers.AddRange(block.RowNumbers.Values.ToArray());
                block.Dispose();
            }
        }
        while (more);

        var quarantine = Encoding.UTF8.GetString(rows.Quarantine.Written.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(rows.Received, rows.Accepted + rows.Quarantined + rows.Discarded);
        Assert.Equal(rows.Accepted, values.Count);
        Assert.Equal(rows.Quarantined, quarantine.Count);
        return new Parsed(columns, values, numbers, quarantine, rows.Received, rows.Discarded);
    }

    /// <summary>The rules broken by each row in quarantine, as <c>row:column:rule</c>.</summary>
    public string[] Faults() =>
    [
        .. Quarantine.SelectMany(row => row["errors"]!.AsArray()
            .Select(error => $"{row["row"]}:{error!["column"]?.GetValue<string>() ?? "-"}:{error["rule"]}")),
    ];

    private static IEnumerable<object?[]> Values(RowBlock block)
    {
        var next = new int[block.Columns.Count];
        for (var row = 0; row < block.Rows; row++)
        {
            var values = new object?[block.Columns.Count];
            for (var column = 0; column < values.Length; column++)
            {
                if (!block.Buffers[column].IsNull(row))
                    values[column] = Value(block.Buffers[column], block.Columns[column], next[column]++);
            }

            yield return values;
        }

        for (var column = 0; column < next.Length; column++)
        {
            Assert.Equal(block.Rows, block.Buffers[column].Rows);
            Assert.Equal(next[column], block.Buffers[column].Count);
        }
    }

    private static object Value(ColumnBuffer buffer, StoredColumn column, int index) => buffer switch
    {
        BytesColumnBuffer bytes => column.Type == FieldType.Binary ? bytes[index].ToArray() : Encoding.UTF8.GetString(bytes[index]),
        FixedColumnBuffer<bool> bools => bools.Values[index],
        FixedColumnBuffer<int> ints => ints.Values[index],
        FixedColumnBuffer<long> longs => longs.Values[index],
        FixedColumnBuffer<double> doubles => doubles.Values[index],
        FixedColumnBuffer<Int128> wides => wides.Values[index],
        _ => throw new NotSupportedException(),
    };
}
