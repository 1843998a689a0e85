using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>What was seen of a field in a sample.</summary>
internal sealed class FieldSample : IDisposable
{
    private const int MaxExamples = 3;
    private const int MaxExample = 64;
    private const int PruneAt = 200;

    /// <summary>Usual ways to write dates.</summary>
    internal static readonly string[] Dates =
        ["d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "yyyy/M/d", "MMM d yyyy", "MMM d, yyyy", "d MMM yyyy", "d-MMM-yyyy"];

    private static readonly string[] Times = [" H:mm", " H:mm:ss", " h:mm tt", " h:mm:ss tt"];

    /// <summary>Usual ways to write dates with times.</summary>
    internal static readonly string[] DateTimes = [.. Dates.SelectMany(date => Times.Select(time => date + time))];

    /// <summary>Words that mostly stand for no value.</summary>
    internal static readonly HashSet<string> NullWords = new(StringComparer.OrdinalIgnoreCase)
        { "null", "na", "n/a", "#n/a", "nan", "nil", "none", "\\n", "-", "--", "?", ".", "unknown", "tbd", "missing", "not available", "undefined" };

    private readonly List<TypeCandidate> _candidates = [];
    private readonly SortedDictionary<string, long> _nullTokens = new(StringComparer.Ordinal);
    private readonly SortedDictionary<FieldType, long> _seen = [];
    private readonly List<string> _examples = [];
    private HashSet<ulong>? _identities = [];

    /// <param name="stored">What a typed file says the column is; null for text formats.</param>
    public FieldSample(string inputName, StoredColumn? stored)
    {
        InputName = inputName;
        if (stored is not null)
        {
            Declared = new TypeCandidate(stored);
            return;
        }

        Add(FieldType.Bool);
        Add(FieldType.Int64);
        _candidates.Add(new TypeCandidate(new StoredColumn("value", FieldType.Decimal, FieldTypeName.MaxPrecision)));
        Add(FieldType.Float64);
        Add(FieldType.Date);
        Add(FieldType.Timestamp);
        Add(FieldType.Time);
        Add(FieldType.Uuid);
        foreach (var date in Dates)
            Add(FieldType.Date, date);
        foreach (var time in DateTimes)
            Add(FieldType.Timestamp, time);
    }

    public string InputName { get; }

    public TypeCandidate? Declared { get; }

    public IReadOnlyList<TypeCandidate> Candidates => _candidates;

    /// <summary>Values that are there and stand for themselves.</summary>
    public long Values { get; private set; }

    /// <summary>Texts without a character.</summary>
    public long Empty { get; private set; }

    public long JsonEmpty { get; private set; }

    /// <summary>Words that mostly stand for no value, as they were written.</summary>
    public IReadOnlyDictionary<string, long> NullTokens => _nullTokens;

    /// <summary>Values by the narrowest type that takes each.</summary>
    public IReadOnlyDictionary<FieldType, long> Seen => _seen;

    public IReadOnlyList<string> Examples => _examples;

    public bool IsUnique => _identities is not null;

    /// <summary>Values of CSV or JSON texts.</summary>
    public long Texts { get; private set; }

    /// <summary>JSON numbers, truths, objects and arrays.</summary>
    public long Natives { get; private set; }

    public long JsonValues { get; private set; }

    /// <summary>Texts of digits that a number would not keep: <c>007</c>, <c>+49</c>.</summary>
    public long Codes { get; private set; }

    /// <summary>Texts with white space around them.</summary>
    public long Padded { get; private set; }

    /// <summary>Timestamps that do not say their offset.</summary>
    public long WithoutOffset { get; private set; }

    /// <summary>Digits behind the point, when all numbers of a CSV have as many; else -1.</summary>
    public int Scale { get; private set; }

    /// <summary>Most digits before the point.</summary>
    public int WholeDigits { get; private set; }

    public TypeCandidate TextRange { get; } = new(new StoredColumn("value", FieldType.String));

    public void Add(ReadOnlySpan<byte> value, SampleKind kind)
    {
        if (value.IsEmpty)
        {
            Empty++;
            JsonEmpty += kind == SampleKind.JsonText ? 1 : 0;
            return;
        }

        var isText = kind is SampleKind.Text or SampleKind.JsonText;
        if (isText && value.Length <= 16 && Encoding.UTF8.GetString(value) is var word && NullWords.Contains(word))
        {
            _nullTokens[word] = _nullTokens.GetValueOrDefault(word) + 1;
            TextRange.Note(TextRange.Parser.Append(value));
            return;
        }

        Values++;
        Identify(value);
        Show(value);
        Texts += isText ? 1 : 0;
        Natives += isText ? 0 : 1;
        JsonValues += kind == SampleKind.JsonValue ? 1 : 0;
        var narrowest = kind == SampleKind.JsonValue ? FieldType.Json : FieldType.String;
        if (isText)
            TextRange.Note(TextRange.Parser.Append(value));
        if (kind != SampleKind.JsonValue)
            narrowest = Try(value, kind) ?? narrowest;
        _seen[narrowest] = _seen.GetValueOrDefault(narrowest) + 1;
        if (Values == PruneAt)
            Prune();
    }

    /// <summary>Notes a value of a typed file.</summary>
    public void AddDeclared(ReadOnlySpan<byte> identity, RowRule rule)
    {
        Values++;
        Identify(identity);
        if (Declared!.Parser.IsText)
            Show(identity);
        var type = Declared.Note(rule) ? Declared.Field.Type : FieldType.String;
        _seen[type] = _seen.GetValueOrDefault(type) + 1;
    }

    public void Dispose()
    {
        foreach (var candidate in _candidates)
            candidate.Dispose();
        Declared?.Dispose();
        TextRange.Dispose();
    }

    private void Add(FieldType type, string? format = null) => _candidates.Add(new TypeCandidate(new StoredColumn("value", type), format));

    private FieldType? Try(ReadOnlySpan<byte> value, SampleKind kind)
    {
        var text = kind is SampleKind.Text or SampleKind.JsonText ? value.Trim(" \t"u8) : value;
        if (text.Length < value.Length)
            Padded++;
        var isCode = kind == SampleKind.Text && IsCode(text);
        if (isCode)
            Codes++;
        if (kind is SampleKind.Text or SampleKind.JsonNumber)
            NoteDigits(text);
        if (DateText.TryParseTimestamp(text, out _, out var hasOffset) && !hasOffset)
            WithoutOffset++;

        FieldType? narrowest = null;
        foreach (var candidate in _candidates)
        {
            var type = candidate.Field.Type;
            if (isCode && type is FieldType.Int64 or FieldType.Decimal or FieldType.Float64)
                continue;
            if (candidate.Note(Try(candidate.Parser, text, kind)))
                narrowest ??= type;
        }

        return narrowest;
    }

    private static RowRule Try(ValueParser parser, ReadOnlySpan<byte> text, SampleKind kind) => kind switch
    {
        SampleKind.Text => parser.Append(text),
        SampleKind.JsonText => parser is DecimalParser ? RowRule.Type : parser.AppendJsonString(text),
        SampleKind.JsonNumber => parser.AppendJsonNumber(text),
        _ => parser.AppendBool(text.SequenceEqual("true"u8)),
    };

    private static bool IsCode(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] == '+')
            return true;
        if (text[0] == '-')
            text = text[1..];
        return text.Length > 1 && text[0] == '0' && char.IsAsciiDigit((char)text[1]);
    }

    private void NoteDigits(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out decimal _, out var used) || used != text.Length)
            return;
        var point = text.IndexOf((byte)'.');
        var scale = text.IndexOfAny("eE"u8) >= 0 ? -1 : point < 0 ? 0 : text.Length - point - 1;
        WholeDigits = Math.Max(WholeDigits, point < 0 ? text.Length : point);
        Scale = Values == 1 || Scale == scale ? scale : -1;
    }

    private void Identify(ReadOnlySpan<byte> value)
    {
        if (_identities?.Add(XxHash3.HashToUInt64(value)) == false)
            _identities = null;
    }

    private void Show(ReadOnlySpan<byte> value)
    {
        if (_examples.Count == MaxExamples)
            return;
        var text = Encoding.UTF8.GetString(value.Length > MaxExample ? value[..MaxExample] : value) + (value.Length > MaxExample ? "…" : "");
        if (!_examples.Contains(text))
            _examples.Add(text);
    }

    // Formats that half of the values do not have, the field does not have: it saves trying them for the rest. Types stay, for they are counted.
    private void Prune() => _candidates.RemoveAll(candidate =>
    {
        var goes = candidate.Field.Formats is not null && candidate.Fits * 2 < Values;
        if (goes)
            candidate.Dispose();
        return goes;
    });
}
