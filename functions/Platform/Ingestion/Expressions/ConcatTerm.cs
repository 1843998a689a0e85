using System.Buffers;

namespace DataPlatform.Ingestion.Expressions;

/// <summary><c>concat</c>, which passes nulls over, and <c>||</c>, which they make null.</summary>
internal sealed class ConcatTerm(IReadOnlyList<TypedTerm<ReadOnlyMemory<byte>>> items, bool skipNulls) : TypedTerm<ReadOnlyMemory<byte>>(TermType.Text)
{
    private readonly ArrayBufferWriter<byte> _text = new();

    public override bool TryGet(RowFault fault, out ReadOnlyMemory<byte> value)
    {
        _text.ResetWrittenCount();
        value = default;
        foreach (var item in items)
        {
            if (item.TryGet(fault, out var part))
            {
                if (_text.WrittenCount + part.Length > TextFunctions.MaxBytes)
                    return fault.Set(RowFault.TooLong);
                _text.Write(part.Span);
            }
            else if (fault.IsSet || !skipNulls)
            {
                return false;
            }
        }

        value = _text.WrittenMemory;
        return true;
    }
}
