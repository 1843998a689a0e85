using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Operational;

/// <summary>
/// A key in its three forms: the texts of its fields, the form that stands in addresses, and the place of its row. The address form
/// leaves letters, digits and <c>- _ : @ = +</c> as they are (a dot too, but not in front), writes every other byte of the UTF-8 text as <c>~XX</c>, an
/// empty text as <c>~</c>, and puts a comma between fields: whatever stands between client and platform, it arrives as it was sent.
/// </summary>
public sealed class OperationalKey
{
    /// <summary>Rows of a dataset are spread over so many partitions.</summary>
    public const int Partitions = 64;

    private const string Plain = "-_:@=+";
    private const int MaxId = 400;

    private OperationalKey(IReadOnlyList<string> texts, string path)
    {
        Texts = texts;
        Path = path;
        Id = path.Length <= MaxId ? path : $"{path[..MaxId]}~~{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(path)))}";
        Partition = (int)(XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(Id)) % Partitions);
    }

    /// <summary>The values of the key's fields as texts, in the contract's order.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>As it stands in addresses.</summary>
    public string Path { get; }

    /// <summary>The row's id: the address form, of long keys its start and a hash. No address form has two tildes in a row.</summary>
    public string Id { get; }

    public int Partition { get; }

    public static OperationalKey Of(IReadOnlyList<string> texts) => new(texts, string.Join(',', texts.Select(Escape)));

    /// <param name="path">The segment of an address, percent-decoded once. Characters that need no escape may have one and the other way round,
    /// as far as addresses can carry them.</param>
    /// <param name="fields">How many fields the key has.</param>
    /// <exception cref="TerminalException"><c>InvalidKey</c>.</exception>
    public static IReadOnlyList<string> Parse(string path, int fields)
    {
        // Servers decode every escape but that of the slash.
        path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var parts = fields == 1 ? [path] : path.Split(',');
        return parts.Length == fields
            ? [.. parts.Select(Unescape)]
            : throw Invalid($"it has {parts.Length} parts, and the key has {fields} fields. Put a comma between them, and write a comma within one as ~2C");
    }

    /// <summary>The start of row ids for the start of a key in address form.</summary>
    /// <exception cref="TerminalException"><c>InvalidKey</c>.</exception>
    public static string Prefix(string path, int fields)
    {
        path = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var parts = fields == 1 ? [path] : path.Split(',');
        if (parts.Length > fields)
            throw Invalid($"it has {parts.Length} parts, and the key has {fields} fields");
        var last = Unescape(parts[^1]);
        var prefix = string.Concat(parts[..^1].Select(part => Escape(Unescape(part)) + ",")) + (last.Length == 0 ? "" : Escape(last));
        return prefix.Length <= MaxId ? prefix : throw Invalid($"a prefix has at most {MaxId} characters in address form");
    }

    internal static RowKey RowKeyOf(string dataset, int partition, string id) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{dataset}.{partition:00}"), id);

    internal RowKey RowKeyIn(string dataset) => RowKeyOf(dataset, Partition, Id);

    /// <summary>A name for objects of a row, whatever its id.</summary>
    internal static string HashOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id)).AsSpan(0, 16));

    private static string Escape(string text)
    {
        if (text.Length == 0)
            return "~";
        var path = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal) || (c == '.' && path.Length > 0))
                path.Append(c);
            else
                path.Append(CultureInfo.InvariantCulture, $"~{value:X2}");
        }

        return path.ToString();
    }

    private static string Unescape(string part)
    {
        if (part is "" or "~")
            return "";
        if (!WellFormed.Check(part))
            throw Invalid("it has half of a surrogate pair");
        var bytes = new List<byte>(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '~')
            {
                if (i + 2 >= part.Length || !byte.TryParse(part.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                    throw Invalid("behind a tilde stand two hexadecimal digits; the tilde itself is ~7E");
                bytes.Add(value);
                i += 2;
            }
            else
            {
                var length = char.IsHighSurrogate(part[i]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(part, i, length));
                i += length - 1;
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid("its escaped bytes are not UTF-8");
        }
    }

    private static TerminalException Invalid(string fault) =>
        new(FailureKind.Invalid, "InvalidKey", $"The key in the address cannot be read: {fault}.", "key");
}
