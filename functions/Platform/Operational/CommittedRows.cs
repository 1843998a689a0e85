using System.Buffers;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using DataPlatform.Serving;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Operational;

/// <summary>Reads the latest row of each key in files of a dataset table.</summary>
internal sealed class CommittedRows([FromKeyedServices(SqlEngine.Serving)] SqlEngine engine)
{
    private const string RowNumber = "file_row_number";

    /// <param name="files">In the order they were added to the table.</param>
    /// <param name="batches">Only rows of these batches; null for all.</param>
    /// <param name="each">Gets each key with its row, whose position has epoch and version of <paramref name="position"/>.</param>
    public async Task ReadAsync(
        Snapshot snapshot, DatasetDefinition definition, IReadOnlyList<DataFile> files, IReadOnlyList<string>? batches, RowPosition position,
        Func<OperationalKey, OperationalRow, Task> each, CancellationToken cancellationToken)
    {
        var fields = definition.Key.Select(name => definition.Fields.First(field => field.Name == name)).ToList();
        if (files.Count == 0 || !fields.TrueForAll(field => snapshot.Columns.Any(column => column.Name == field.Name)))
            return;

        var order = definition.Fields.FirstOrDefault(field => field.Name == definition.OrderBy && snapshot.Columns.Any(column => column.Name == field.Name));
        var columns = snapshot.Columns.Where(column => column.Name[0] != '_').ToList();
        var keys = fields.ConvertAll(field => columns.FindIndex(column => column.Name == field.Name));
        var orderAt = order is null ? -1 : columns.FindIndex(column => column.Name == order.Name);
        var nested = definition.Fields.Where(field => field.Type == FieldType.Json).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);

        await using var session = await engine.OpenAsync(cancellationToken);
        var local = await session.LeaseAsync(snapshot.Table, files, cancellationToken);
        using var cursor = await session.QueryAsync(Sql(columns, files, local, definition, order, batches), batches?.ToArray() ?? [], cancellationToken);
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new JsonRowWriter(columns, buffer, lines: true);
        while (await Task.Run(cursor.Read, cancellationToken))
        {
            var row = cursor.Reader;
            var key = OperationalKey.Of(fields.Select((field, index) => FieldValue.Text(field, FieldValue.Read(row, keys[index], field.Type)!)).ToList());
            var at = columns.Count;
            var deleted = !row.IsDBNull(at + 2) && row.GetBoolean(at + 2);
            buffer.ResetWrittenCount();
            writer.Write(row);
            await each(key, new OperationalRow
            {
                Key = key.Path,
                Batch = row.IsDBNull(at) ? "" : row.GetString(at),
                Position = position with
                {
                    Order = order is not null && FieldValue.Read(row, orderAt, order.Type) is { } value ? FieldValue.Order(value) : null,
                    Row = row.IsDBNull(at + 1) ? 0 : row.GetInt64(at + 1),
                    Batch = row.GetInt64(at + 3),
                },
                Deleted = deleted,
                Values = deleted ? null : Values(buffer.WrittenSpan, nested),
            });
        }
    }

    /// <summary>Of a batch's rows the last one counts, of batches the one whose rows were added last.</summary>
    private static string Sql(
        IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, IReadOnlyList<string> local, DatasetDefinition definition, FieldDefinition? order, IReadOnlyList<string>? batches)
    {
        IReadOnlyList<TableColumn> all =
        [
            .. columns, StoredColumn.Batch.TableColumn, StoredColumn.Row.TableColumn, new TableColumn(TableColumn.Deleted, "boolean"),
        ];
        var typed = string.Join(", ", all.Select(column => $"CAST(NULL AS {DeltaTypes.ToSql(column.Type)}) AS {SqlText.Identifier(column.Name)}"));
        var output = string.Join(", ", all.Select(column =>
        {
            var name = SqlText.Identifier(column.Name);
            return column.Type == "timestamp" ? $"epoch_us({name}) AS {name}" : $"CAST({name} AS {DeltaTypes.ToSql(column.Type)}) AS {name}";
        }));
        var keys = SqlText.Identifiers(definition.Key);
        var present = string.Join(" AND ", definition.Key.Select(name => $"{SqlText.Identifier(name)} IS NOT NULL"));
        var ours = batches is null ? "" : $" AND \"{SystemColumns.Batch}\" IN ({string.Join(", ", batches.Select((_, index) => $"${index + 1}"))})";
        var first = order is null ? "" : $"{SqlText.Identifier(order.Name)} DESC NULLS LAST, ";

        // The place in the file; a field of that name hides it, and then only batches of one file with one key of the same place are not told apart.
        var number = columns.Any(column => column.Name.Equals(RowNumber, StringComparison.OrdinalIgnoreCase)) ? "CAST(0 AS BIGINT)" : RowNumber;
        return $"""
            WITH source AS (
                SELECT {typed}, '' AS "?file", CAST(0 AS BIGINT) AS "?row" WHERE false
                UNION ALL BY NAME {PartitionedRelation.Raw(columns, files, local, "?file", $"{number} AS \"?row\"")}),
            files AS (SELECT unnest({SqlText.Files(local)}) AS "?name", generate_subscripts({SqlText.Files(local)}, 1) AS "?at"),
            placed AS (
                SELECT source.*, min(("?at" << 40) + "?row") OVER (PARTITION BY "{SystemColumns.Batch}") AS "?batch"
                FROM source JOIN files ON "?file" = "?name" WHERE {present}{ours}),
            latest AS (
                SELECT * FROM placed
                QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {first}"?batch" DESC, "{SystemColumns.Row}" DESC NULLS LAST) = 1)
            SELECT {output}, "?batch" FROM latest
            """;
    }

    /// <summary>A row as JSON, with JSON fields as what they are instead of as texts.</summary>
    private static JsonElement Values(ReadOnlySpan<byte> row, HashSet<string> nested)
    {
        var reader = new Utf8JsonReader(row, new JsonReaderOptions { MaxDepth = 256 });
        var values = JsonElement.ParseValue(ref reader);
        if (nested.Count == 0)
            return values;

        var buffer = new ArrayBufferWriter<byte>(row.Length);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in values.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (nested.Contains(member.Name) && member.Value.ValueKind == JsonValueKind.String)
                    writer.WriteRawValue(member.Value.GetString()!);
                else
                    member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = 256 });
        return JsonElement.ParseValue(ref reader);
    }
}
