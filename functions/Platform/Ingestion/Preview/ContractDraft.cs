using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Writes the contract that samples speak for.</summary>
internal sealed class ContractDraft(string dataset, CsvDialect dialect, BatchFormat format, RowCollector rows, IReadOnlyList<FieldSample> samples)
{
    private const int MaxSource = 256;

    private readonly FieldNames _names = new();
    private readonly List<InferredField> _fields = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _keys = [];
    private readonly JsonArray _documents = [];
    private bool _leavesOut;
    private bool _hasMisfits;

    public Inference ToInference(long bytes, bool whole)
    {
        foreach (var sample in samples)
            Add(sample);
        if (_fields.Count == 0)
            throw new TerminalException(FailureKind.Invalid, "NothingToInfer", "The sample has no fields to make a contract of. Send some rows, with a header row or as JSON objects.", "body");
        if (rows.Quarantined > 0)
            _warnings.Add($"{rows.Quarantined} of {rows.Received} rows cannot be read: 'validate' with this contract tells which and why.");
        return new Inference(Document(), rows.Received, rows.Quarantined, bytes, whole, _fields, _keys, _warnings);
    }

    private void Add(FieldSample sample)
    {
        if (sample.InputName.Length is 0 or > MaxSource || _fields.Count == DatasetParser.MaxFields)
        {
            _leavesOut = true;
            _warnings.Add(sample.InputName.Length == 0
                ? "A column without a name is left out: a contract cannot name it."
                : $"The field '{ObjectReader.Shorten(sample.InputName)}' is left out: its name is too long, or there are more than {DatasetParser.MaxFields}.");
            return;
        }

        var choice = TypeChoice.Of(sample);
        var name = _names.Make(sample.InputName);
        var type = FieldTypeName.Of(new FieldDefinition { Name = name, Type = choice.Type, Precision = choice.Precision, Scale = choice.Scale });
        var isText = choice.Type is FieldType.String or FieldType.Json;
        var tokens = isText ? 0 : sample.NullTokens.Values.Sum();
        var values = sample.Values + (isText ? sample.NullTokens.Values.Sum() + sample.Empty : 0);
        var nulls = Math.Max(0, rows.Accepted - values);
        var required = nulls == 0 && tokens == 0 && choice.Misfits == 0 && values > 0;
        var document = new JsonObject { ["name"] = name };
        if (name != sample.InputName)
            document["source"] = sample.InputName;
        document["type"] = type;
        if (required)
            document["required"] = true;
        if (choice.Format is not null)
            document["formats"] = new JsonArray(choice.Format);

        // It makes empty JSON texts null, too.
        if (!isText && sample.Padded + sample.JsonEmpty > 0)
            document["trim"] = true;
        if (tokens > 0)
            document["nullTokens"] = new JsonArray([.. sample.NullTokens.Keys.Select(token => JsonValue.Create(token))]);
        _documents.Add(document);

        if (choice.Warning is not null)
            _warnings.Add($"'{name}' {choice.Warning}");
        if (choice.Misfits > 0)
        {
            _hasMisfits = true;
            _warnings.Add($"'{name}' has {choice.Misfits} of {sample.Values} values that are not {type}: they are kept as text in '{name}{UnexpectedRules.VariantSuffix}'.");
        }

        if (tokens > 0)
            _warnings.Add($"'{name}' has {tokens} words that are taken for null: {string.Join(", ", sample.NullTokens.Keys)}.");
        var unique = sample.IsUnique && sample.Values > 1;
        if (unique && required && sample.Empty + sample.NullTokens.Count == 0 && choice.Type is FieldType.Int32 or FieldType.Int64 or FieldType.String or FieldType.Uuid)
            _keys.Add(name);
        _fields.Add(new InferredField(
            name, sample.InputName, type, values, nulls, choice.Misfits,
            sample.Seen.ToDictionary(seen => EnumNames.Of(seen.Key), seen => seen.Value, StringComparer.Ordinal),
            sample.Examples, choice.Candidate?.Show(choice.Candidate.Minimum, isMaximum: false), choice.Candidate?.Show(choice.Candidate.Maximum, isMaximum: true), unique));
    }

    private JsonObject Document()
    {
        var document = new JsonObject { ["name"] = dataset, ["fields"] = _documents };
        if (_keys.Find(IsKeyName) is { } key)
            document["key"] = new JsonArray(key);
        var unexpected = new JsonObject();
        if (_leavesOut)
            unexpected["columns"] = "discard_value";
        if (_hasMisfits)
            unexpected["types"] = "evolve";
        if (unexpected.Count > 0)
            document["onUnexpected"] = unexpected;
        if (format == BatchFormat.Csv && Csv() is { Count: > 0 } csv)
            document["csv"] = csv;
        return document;
    }

    private bool IsKeyName(string name) => name is "id" or "key" or "uuid" || name == $"{dataset}_id" || (dataset.EndsWith('s') && name == $"{dataset[..^1]}_id");

    private JsonObject Csv()
    {
        var csv = new JsonObject();
        if (dialect.Delimiter != CsvDialect.Default.Delimiter)
            csv["delimiter"] = dialect.Delimiter.ToString();
        if (dialect.Quote != CsvDialect.Default.Quote)
            csv["quote"] = dialect.Quote?.ToString() ?? "";
        if (!dialect.Header)
            csv["header"] = false;
        if (dialect.Encoding != TextEncoding.Utf8)
            csv["encoding"] = TextEncodings.Names.First(name => TextEncodings.TryParse(name, out var encoding) && encoding == dialect.Encoding);
        return csv;
    }
}
