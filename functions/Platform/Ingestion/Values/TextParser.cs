using System.Buffers;
using System.IO.Hashing;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Values;

/// <summary>Texts with rules of length, pattern and choice.</summary>
internal sealed class TextParser : ValueParser
{
    private const int MemoSize = 1024;
    private const int MemoText = 24;

    private readonly int _minLength;
    private readonly int _maxLength;
    private readonly bool _hasLength;
    private readonly Regex? _pattern;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _choice;
    private readonly bool _hasChoice;

    // Columns with a pattern or a choice mostly repeat few short values: what was found good once is remembered.
    private readonly byte[][] _memo = [];
    private BytesColumnBuffer _buffer = null!;

    public TextParser(FieldDefinition field)
    {
        _minLength = field.MinLength ?? 0;
        _maxLength = field.MaxLength ?? int.MaxValue;
        _hasLength = field.MinLength is not null || field.MaxLength is not null;
        if (field.Pattern is not null)
            _pattern = new Regex(field.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        if (field.Enum is not null)
        {
            _choice = new HashSet<string>(field.Enum, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
            _hasChoice = true;
        }

        if (_pattern is not null || _hasChoice)
            _memo = new byte[MemoSize][];
    }

    /// <summary>Whether the table's files are divided by the field: then texts are refused that partitions cannot have.</summary>
    public bool Divides { get; init; }

    public override bool EmptyIsNull => false;

    public override bool IsText => true;

    public override void Bind(ColumnBuffer buffer) => _buffer = (BytesColumnBuffer)buffer;

    public override RowRule Append(ReadOnlySpan<byte> text)
    {
        if (Divides && !PartitionValues.IsText(text))
            return RowRule.Partition;
        if (_hasLength && CheckLength(text) is var length and not RowRule.None)
            return length;
        if (_memo.Length > 0 && CheckContent(text) is var content and not RowRule.None)
            return content;
        _buffer.Append(text);
        return RowRule.None;
    }

    private RowRule CheckLength(ReadOnlySpan<byte> text)
    {
        // A character has one to four bytes; only between these bounds they need counting.
        if (text.Length <= _maxLength && text.Length / 4 >= _minLength)
            return RowRule.None;

        var characters = 0;
        foreach (var b in text)
        {
            if ((b & 0xC0) != 0x80)
                characters++;
        }

        return characters < _minLength ? RowRule.MinLength : characters > _maxLength ? RowRule.MaxLength : RowRule.None;
    }

    private RowRule CheckContent(ReadOnlySpan<byte> text)
    {
        var slot = text.Length <= MemoText ? (int)(XxHash3.HashToUInt64(text) % MemoSize) : -1;
        if (slot >= 0 && _memo[slot] is { } known && text.SequenceEqual(known))
            return RowRule.None;

        var rule = MatchContent(text);
        if (rule == RowRule.None && slot >= 0)
            _memo[slot] = text.ToArray();
        return rule;
    }

    private RowRule MatchContent(ReadOnlySpan<byte> text)
    {
        char[]? rented = null;
        var characters = text.Length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            ReadOnlySpan<char> value = characters[..System.Text.Encoding.UTF8.GetChars(text, characters)];
            if (_hasChoice && !_choice.Contains(value))
                return RowRule.Enum;
            return _pattern?.IsMatch(value) == false ? RowRule.Pattern : RowRule.None;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }
}
