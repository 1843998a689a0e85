using System.Buffers;
using System.Globalization;
using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>Ids of batches and their receipts: <c>{dataset}-{32 hex digits}</c>, a version 7 UUID, so that a dataset's ids sort by the time
/// its batches started. The dataset in it makes one partition of all that is kept of a dataset's batches.</summary>
public static class BatchId
{
    private const int UuidLength = 32;
    private const int TimeLength = 12;
    private const long MaxTime = (1L << 48) - 1;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static string Create(string dataset, DateTimeOffset started) => $"{dataset}-{Guid.CreateVersion7(started):N}";

    /// <returns>False when the text cannot be an id.</returns>
    public static bool TryGetDataset(string? id, out string dataset)
    {
        dataset = "";
        var dash = id?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (id is null || dash < 1 || id.Length - dash - 1 != UuidLength || !Guid.TryParseExact(id.AsSpan(dash + 1), "N", out _)
            || !NameRules.IsTableName(id[..dash]))
        {
            return false;
        }

        dataset = id[..dash];
        return true;
    }

    /// <summary>When the batch started, to the millisecond.</summary>
    /// <param name="id">May have more behind it.</param>
    public static DateTimeOffset TimeOf(string id) => DateTimeOffset.FromUnixTimeMilliseconds(
        long.Parse(id.AsSpan(id.IndexOf('-', StringComparison.Ordinal) + 1, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>Whether the text is an id of the dataset, or begins like one as far as the time goes.</summary>
    public static bool IsPlace(string dataset, string text) =>
        text.StartsWith(dataset + "-", StringComparison.Ordinal) && text.Length - dataset.Length - 1 is TimeLength or UuidLength
        && text.AsSpan(dataset.Length + 1).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Sorts before the ids of all batches that started then or later, and behind those that started in an earlier millisecond.</summary>
    public static string LowestAt(string dataset, DateTimeOffset time) =>
        $"{dataset}-{Math.Clamp(time.ToUnixTimeMilliseconds(), 0, MaxTime).ToString("x12", CultureInfo.InvariantCulture)}";

    /// <summary>The part behind the dataset, for names of files.</summary>
    public static string ShortOf(string id) => id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
