using DataPlatform.Failures;

namespace DataPlatform.Gateway;

/// <summary>No byte of what was asked for lies in the range that was asked for.</summary>
/// <param name="length">Bytes of the whole, for the <c>Content-Range</c> header.</param>
public sealed class RangeNotSatisfiableException(long length)
    : TerminalException(FailureKind.RangeNotSatisfiable, "RangeNotSatisfiable", $"The range lies beyond the end: there are {length} bytes.", "Range")
{
    public long Length { get; } = length;
}
