using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// Where an object lies: <c>container/segment/segment</c>. Strict, because storage clients resolve dot segments into other
/// containers and accounts with a hierarchical namespace fold empty ones: no empty, <c>.</c>, <c>..</c>, dot-ended or
/// space-edged segment, no control character or backslash, at most 60 segments of 255 bytes and 900 characters. A container is
/// 3 to 63 lower-case letters, digits and single hyphens. What holds here holds in every kind of store.
/// </summary>
public readonly record struct LakePath
{
    public const int MaxSegments = 60;
    public const int MaxLength = 900;

    /// <summary>In UTF-8, the most that file systems take.</summary>
    public const int MaxSegmentBytes = 255;

    private static readonly SearchValues<char> ContainerCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly string? _value;

    private LakePath(string value) => _value = value;

    /// <summary>The whole path without a leading or trailing slash.</summary>
    public string Value => _value ?? throw new InvalidOperationException("The path was never set.");

    /// <summary>The first segment.</summary>
    public string Container => Value[..Value.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>All that follows the container.</summary>
    public string Name => Value[(Value.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The last segment.</summary>
    public string FileName => Value[(Value.LastIndexOf('/') + 1)..];

    /// <exception cref="TerminalException"><c>InvalidPath</c>: names the segment and the rule it breaks.</exception>
    public static LakePath Parse(string value) =>
        Check(value) is { } fault
            ? throw new TerminalException(FailureKind.Invalid, "InvalidPath", $"The path '{value}' is not usable: {fault}.", "path")
            : new LakePath(value);

    public static bool TryParse([NotNullWhen(true)] string? value, out LakePath path)
    {
        var valid = value is not null && Check(value) is null;
        path = valid ? new LakePath(value!) : default;
        return valid;
    }

    /// <summary>The path below this one.</summary>
    /// <param name="relative">One or more segments separated by <c>/</c>.</param>
    public LakePath Append(string relative) => Parse($"{Value}/{relative}");

    public override string ToString() => _value ?? "";

    private static string? Check(string value)
    {
        if (value.Length > MaxLength)
            return $"it is longer than {MaxLength} characters";

        var segments = value.Split('/');
        if (segments.Length < 2)
            return "it needs a container and a name, as in 'lake/raw'";
        if (segments.Length > MaxSegments)
            return $"it has more than {MaxSegments} segments";

        if (!IsContainer(segments[0]))
            return $"its container '{segments[0]}' is not 3 to 63 lower-case letters, digits and single hyphens";

        foreach (var segment in segments)
        {
            if (segment.Length == 0)
                return "it has an empty segment";
            if (segment is "." or "..")
                return $"it has the segment '{segment}'";
            if (segment[^1] == '.' || segment[0] == ' ' || segment[^1] == ' ')
                return $"the segment '{segment}' ends with a dot or has a space at its edge";
            if (segment.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 || segment.AsSpan().IndexOfAny('\\', '\u007f') >= 0)
                return "it has a control character or a backslash";
            if (!WellFormed.Check(segment))
                return "it has half of a surrogate pair";
            if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
                return $"the segment '{segment}' is longer than {MaxSegmentBytes} bytes";
        }

        return null;
    }

    private static bool IsContainer(string name) =>
        name.Length is >= 3 and <= 63
        && name[0] != '-'
        && name[^1] != '-'
        && !name.Contains("--", StringComparison.Ordinal)
        && !name.AsSpan().ContainsAnyExcept(ContainerCharacters);
}
