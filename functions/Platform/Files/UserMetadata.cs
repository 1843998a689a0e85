using System.Buffers;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>The headers <c>x-ms-meta-{name}</c>: what a writer notes of an object. Names are identifiers, in lower case; values printable ASCII.</summary>
public static class UserMetadata
{
    public const string Prefix = "x-ms-meta-";
    public const int MaxNames = 32;
    public const int MaxNameLength = 64;

    /// <summary>Of all names and values.</summary>
    public const int MaxBytes = 4096;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <exception cref="TerminalException"><c>InvalidMetadata</c>.</exception>
    public static IReadOnlyDictionary<string, string> Read(IHeaderDictionary headers)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var bytes = 0;
        foreach (var (header, values) in headers)
        {
            if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var name = header[Prefix.Length..].ToLowerInvariant();
            Check(name, values.Count);
            var value = values.ToString().Trim();
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                throw Invalid(name, "its value is not printable ASCII: encode it, for instance as base64");
            bytes += name.Length + value.Length;
            metadata[name] = value;
        }

        if (metadata.Count > MaxNames || bytes > MaxBytes)
            throw new TerminalException(FailureKind.Invalid, "InvalidMetadata", $"The metadata has {metadata.Count} names and {bytes} bytes; at most {MaxNames} and {MaxBytes} are kept.", Prefix + "*");
        return metadata;
    }

    private static void Check(string name, int values)
    {
        if (name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters) || char.IsAsciiDigit(name[0]))
            throw Invalid(name, $"a name has 1 to {MaxNameLength} letters, digits and underscores, and no digit in front");
        if (name == "writer" || name.StartsWith("hdi_", StringComparison.Ordinal))
            throw Invalid(name, "the storage uses this name itself");
        if (values != 1)
            throw Invalid(name, $"it is there {values} times");
    }

    private static TerminalException Invalid(string name, string reason)
    {
        var header = Prefix + (name.Length <= MaxNameLength ? name : name[..MaxNameLength] + "…");
        return new(FailureKind.Invalid, "InvalidMetadata", $"The header '{header}' is not usable: {reason}.", header);
    }
}
