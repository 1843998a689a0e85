using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>One row, read and checked as a row of a batch would be, or the mark that deletes a key. Nothing of it is stored.</summary>
internal sealed class RowDraft : IDisposable
{
    private readonly RowCollector? _rows;

    private RowDraft(RowCollector? rows, RowBlock block) => (_rows, Block) = (rows, block);

    /// <summary>Holds the row.</summary>
    public RowBlock Block { get; }

    public IReadOnlyList<TableColumn> Columns =>
    [
        .. Block.Columns.Select(column => column.TableColumn),
        StoredColumn.Batch.TableColumn, StoredColumn.Row.TableColumn, StoredColumn.IngestedAt.TableColumn,
    ];

    public IReadOnlyDictionary<string, long>? Warnings => _rows?.Warnings;

    /// <summary>What the raw zone may keep where it keeps rows with personal values protected.</summary>
    public ReadOnlyMemory<byte> Redacted => _rows?.RedactedRows.WrittenMemory ?? default;

    /// <param name="existing">The table's columns now.</param>
    /// <param name="row">One JSON object.</param>
    /// <exception cref="TerminalException"><c>RowRefused</c> with every rule the row breaks.</exception>
    public static async Task<RowDraft> ReadAsync(
        ContractPlan plan, IReadOnlyList<TableColumn> existing, ReadOnlyMemory<byte> row, ScratchFolder scratch, IngestionLimits limits,
        CancellationToken cancellationToken)
    {
        limits = limits with { BlockRows = 2 };
        var rows = new RowCollector(plan, existing, limits);
        try
        {
            await using var reader = new BodyReader(
                new BatchMedia(BatchFormat.Json), plan.Definition, new MemoryStream(row.ToArray(), writable: false), scratch, limits);
            while (await reader.ReadAsync(rows, cancellationToken))
                cancellationToken.ThrowIfCancellationRequested();
            return rows.Accepted == 1 ? new RowDraft(rows, rows.Block) : throw Refused(plan, rows);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>The mark that deletes a key.</summary>
    /// <param name="values">The columns of the key and, if rows are ordered, of the order; the values as texts.</param>
    public static RowDraft Deletion(IReadOnlyList<(Catalog.FieldDefinition Field, string Text)> values)
    {
        var block = new RowBlock(1);
        foreach (var (field, text) in values)
        {
            // The key may be older than the contract's rules for its values.
            var bare = new Catalog.FieldDefinition { Name = field.Name, Type = field.Type, Precision = field.Precision, Scale = field.Scale };
            var parser = ValueParser.Create(bare, StoredColumn.Of(field), TimeZoneInfo.Utc);
            parser.Bind(block.Add(StoredColumn.Of(field)));
            if (parser.Append(System.Text.Encoding.UTF8.GetBytes(text)) != RowRule.None)
                throw new InvalidOperationException($"A stored value of '{field.Name}' is not of its type.");
        }

        ((FixedColumnBuffer<bool>)block.Add(new StoredColumn(TableColumn.Deleted, Catalog.FieldType.Bool))).Append(true);
        block.RowNumbers.Append(1);
        return new RowDraft(null, block);
    }

    /// <summary>The buffer of a field's column, which holds its one value.</summary>
    public ColumnBuffer BufferOf(string field) =>
        Block.Buffers[Block.Columns.Select((column, index) => (column, index)).First(item => item.column.Name == field).index];

    public void Dispose()
    {
        if (_rows is null)
            Block.Dispose();
        else
            _rows.Dispose();
    }

    private static TerminalException Refused(ContractPlan plan, RowCollector rows)
    {
        if (rows.Quarantined == 0)
            return new TerminalException(FailureKind.Unprocessable, "RowDiscarded", $"The contract of '{plan.Definition.Name}' discards this row. Nothing was stored.");

        var reader = new Utf8JsonReader(rows.Quarantine.Written.Span);
        using var document = JsonDocument.ParseValue(ref reader);
        List<FailureDetail> details = [];
        foreach (var error in document.RootElement.GetProperty("errors").EnumerateArray())
        {
            details.Add(new FailureDetail(
                "RowRefused", error.GetProperty("message").GetString()!, error.TryGetProperty("column", out var column) ? column.GetString() : null));
        }

        return new TerminalException(
            FailureKind.Unprocessable,
            "RowRefused",
            $"The row breaks the contract of '{plan.Definition.Name}'. Nothing was stored. {details[0].Message}",
            details[0].Target,
            details.Count > 1 ? details : null);
    }
}
