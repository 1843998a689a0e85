using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>
/// A run's id: <c>{name}-{yyyyMMddHHmmssfff}-{8 hex}</c>. It tells the row's place: partition by name, newest first.
/// </summary>
internal static class RunId
{
    private const int TimeLength = 17;
    private const int RandomLength = 8;
    private const int TailLength = TimeLength + RandomLength + 2;
    private const string RowPrefix = "run-";
    private const string DocumentPrefix = "doc-";

    public static string Create(string name, DateTimeOffset now) => Of(name, now, RandomNumberGenerator.GetHexString(RandomLength, lowercase: true));

    /// <summary>The id of a run that whoever sees its cause derives alike.</summary>
    /// <param name="cause">What tells it from other runs of the name at that time.</param>
    public static string Derive(string name, DateTimeOffset time, string cause) =>
        Of(name, time, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cause)))[..RandomLength]);

    private static string Of(string name, DateTimeOffset time, string tail) =>
        $"{name}-{TimeOf(time)}-{tail}";

    /// <returns>Null when it is none of our ids.</returns>
    public static RowKey? TryGetKey(string id)
    {
        if (id.Length <= TailLength || id.Length > 100 || id[^TailLength] != '-' || id[^(RandomLength + 1)] != '-')
            return null;

        var name = id[..^TailLength];
        var time = id.Substring(name.Length + 1, TimeLength);
        var random = id[^RandomLength..];
        return time.All(char.IsAsciiDigit) && random.All(char.IsAsciiHexDigitLower) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-')
            ? new RowKey(name, RowPrefix + Invert(time) + "-" + random)
            : null;
    }

    /// <summary>The row of one of a run's documents, in the partition of the run's row.</summary>
    /// <returns>Null when it is none of our ids.</returns>
    public static RowKey? TryGetDocumentKey(string id, string document) => TryGetKey(id) is { } key
        ? new RowKey(key.Partition, $"{DocumentPrefix}{key.Id[RowPrefix.Length..]}:{document.Replace('/', ':')}")
        : null;

    /// <summary>Bounds of a name's rows that are older than a run.</summary>
    public static (string? After, string UpTo) RowsBehind(string? id) =>
        (id is null ? RowPrefix : TryGetKey(id)?.Id ?? RowPrefix, RowPrefix + "~");

    /// <summary>Sorts runs of all names, newest first.</summary>
    /// <returns>Null when it is none of our ids.</returns>
    public static string? OrderOf(string id) => TryGetKey(id) is { } key ? $"{key.Id[RowPrefix.Length..]}-{key.Partition}" : null;

    /// <summary>Bounds of <see cref="OrderOf"/>: behind the first, up to the second.</summary>
    /// <param name="from">Of this time or later; null for all.</param>
    /// <param name="to">Of an earlier time; null for all.</param>
    public static (string? Newest, string Oldest) OrderBounds(DateTimeOffset? from, DateTimeOffset? to) =>
        (to is null ? null : Invert(TimeOf(to.Value)) + "~", from is null ? "~" : Invert(TimeOf(from.Value)) + "~");

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);

    private static string Invert(string digits) => string.Create(digits.Length, digits, (inverted, source) =>
    {
        for (var i = 0; i < source.Length; i++)
            inverted[i] = (char)('9' - (source[i] - '0'));
    });
}
