using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Operational;

/// <summary>Makes the row that a PUT, PATCH or DELETE commits.</summary>
internal sealed class RowChange(ContractPlan plan, OperationalKey key, ScratchFolder scratch, IngestionLimits limits)
{
    private static readonly JsonDocumentOptions ReadOptions = new() { MaxDepth = 256 };
    private static readonly JsonWriterOptions WriteOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Starts the names of values that are stored already; no input has such names.</summary>
    private const string Carried = "\0";

    private readonly DatasetDefinition _definition = plan.Definition;

    /// <summary>A whole row, as a batch would have it; fields of the key may be left to the address.</summary>
    /// <exception cref="TerminalException"><c>InvalidBody</c>, <c>RowRefused</c>, <c>KeyMismatch</c>.</exception>
    public async Task<RowDraft> PutAsync(ReadOnlyMemory<byte> body, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        using var document = Parse(body, "A row");
        var fields = KeyFields();
        var missing = fields.Where(item => !document.RootElement.TryGetProperty(item.Field.InputName, out _)).ToList();
        if (missing.Count > 0)
        {
            // What comes from the address is stored as it stands there.
            var row = Write(writer =>
            {
                foreach (var member in document.RootElement.EnumerateObject())
                    member.WriteTo(writer);
                foreach (var (field, text) in missing)
                    WriteValue(writer, field, text);
            });
            return await ReadAsync(Carrying(missing.Select(item => item.Field.Name).ToHashSet(StringComparer.Ordinal), []), row, snapshot, cancellationToken);
        }

        return await ReadAsync(plan, body, snapshot, cancellationToken);
    }

    /// <summary>A stored row with changes. Fields that the patch does not name stay as they are stored.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public async Task<RowDraft> PatchAsync(
        ReadOnlyMemory<byte> patch, JsonElement stored, Snapshot snapshot, CancellationToken cancellationToken)
    {
        using var document = Parse(patch, "A patch");
        var carried = new HashSet<string>(StringComparer.Ordinal);
        var others = new List<FieldDefinition>();
        var inputs = _definition.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        var row = Write(writer =>
        {
            var named = document.RootElement.EnumerateObject().Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
            using var before = JsonDocument.Parse(Write(own =>
            {
                foreach (var member in stored.EnumerateObject())
                {
                    inputs.TryGetValue(member.Name, out var field);
                    if (named.Contains(field?.InputName ?? member.Name))
                    {
                        own.WritePropertyName(field?.InputName ?? member.Name);
                        member.Value.WriteTo(own);
                    }
                    else
                    {
                        writer.WritePropertyName(Carried + member.Name);
                        member.Value.WriteTo(writer);
                        if (field is not null)
                            carried.Add(field.Name);
                        else
                            others.Add(ColumnOf(snapshot, member.Name));
                    }
                }
            }), ReadOptions);

            WriteMerged(writer, before.RootElement, document.RootElement);
        });
        return await ReadAsync(Carrying(carried, others), row, snapshot, cancellationToken);
    }

    /// <summary>The mark that deletes a stored row; it takes the row's place in the order.</summary>
    public RowDraft Delete(JsonElement stored)
    {
        var values = KeyFields().ConvertAll(item => (item.Field, item.Text));
        if (_definition.OrderBy is { } order && !_definition.Key.Contains(order) && stored.TryGetProperty(order, out var value)
            && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            values.Add((_definition.Fields.First(field => field.Name == order), value.ToString()));
        return RowDraft.Deletion(values);
    }

    /// <summary>The draft's place in the order; null when rows are not ordered.</summary>
    public string? OrderOf(RowDraft draft) =>
        _definition.OrderBy is { } order && FieldValue.Read(draft.BufferOf(order)) is { } value ? FieldValue.Order(value) : null;

    private static void WriteMerged(Utf8JsonWriter writer, JsonElement before, JsonElement patch)
    {
        // A null stays one: the contract says what becomes of it.
        foreach (var member in patch.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            MergePatch.Write(writer, before.TryGetProperty(member.Name, out var value) ? value : default, member.Value);
        }
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriteOptions))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteValue(Utf8JsonWriter writer, FieldDefinition field, string text)
    {
        writer.WritePropertyName(Carried + field.Name);
        if (field.Type is FieldType.Bool or FieldType.Int32 or FieldType.Int64 or FieldType.Decimal)
            writer.WriteRawValue(text);
        else
            writer.WriteStringValue(text);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body, string what)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, ReadOptions);
        }
        catch (JsonException fault)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidBody", $"{what} is one JSON object, and the body cannot be read as JSON: {fault.Message}", "body");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new TerminalException(FailureKind.Invalid, "InvalidBody", $"{what} is one JSON object. Send several rows as a batch.", "body");
    }

    private static FieldDefinition ColumnOf(Snapshot snapshot, string name)
    {
        var column = StoredColumn.Of(snapshot.Columns.First(candidate => candidate.Name == name));
        return new FieldDefinition { Name = name, Source = Carried + name, Type = column.Type, Precision = column.Precision, Scale = column.Scale };
    }

    private List<(FieldDefinition Field, string Text)> KeyFields() =>
        [.. _definition.Key.Select((name, index) => (_definition.Fields.First(field => field.Name == name), key.Texts[index]))];

    /// <summary>The contract for rows with some stored values in them.</summary>
    /// <param name="carried">Fields whose value is stored already.</param>
    /// <param name="others">Columns of the table that the contract does not know.</param>
    private ContractPlan Carrying(HashSet<string> carried, IReadOnlyList<FieldDefinition> others) => plan with
    {
        Definition = _definition with
        {
            Fields = [.. _definition.Fields.Select(field => carried.Contains(field.Name) ? StoredForm.Of(field) with { Source = Carried + field.Name } : field), .. others],
        },
        Expressions = plan.Expressions.Where(item => !carried.Contains(_definition.Fields[item.Key].Name)).ToDictionary(),
    };

    private async Task<RowDraft> ReadAsync(ContractPlan contract, ReadOnlyMemory<byte> row, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        var draft = await RowDraft.ReadAsync(contract, snapshot?.Columns ?? [], row, scratch, limits, cancellationToken);
        try
        {
            foreach (var (field, text) in KeyFields())
            {
                if (FieldValue.Read(draft.BufferOf(field.Name)) is { } value && FieldValue.Text(field, value) == text)
                    continue;
                throw new TerminalException(FailureKind.Invalid, "KeyMismatch", $"The row has another '{field.InputName}' than the address. A key is not changed: put the row under its new key, and delete this one.", field.InputName);
            }

            return draft;
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }
}
