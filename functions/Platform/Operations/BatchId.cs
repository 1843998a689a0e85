using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>Ids of batches and their receipts: <c>{dataset}-{32 hex digits}</c>, a version 7 UUID, so that a dataset's ids sort by the time
/// its batches started. The dataset in it makes one partition of all that is kept of a dataset's batches.</summary>
public static class BatchId
{
    private const int UuidLength = 32;

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

    /// <summary>The part behind the dataset, for names of files.</summary>
    public static string ShortOf(string id) => id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..];
}
