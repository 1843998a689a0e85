using System.Globalization;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Where the bytes of uploads lie until they are loaded: <c>lake/uploads/{dataset}/{id}/round-{place}</c>. A place is named by the round in which
/// its bytes came. Copies of attempts to load them lie beside.</summary>
public static class UploadPaths
{
    private const string PlacePrefix = "round-";

    /// <summary>All that is stored of an upload lies below.</summary>
    public static LakePath Folder(string id) =>
        BatchId.TryGetDataset(id, out var dataset) ? LakePath.Parse($"lake/uploads/{dataset}/{id}") : throw new ArgumentException("It is no upload's id.", nameof(id));

    /// <summary>The bytes as they are fetched, in parts.</summary>
    public static LakePath Parts(string id, int place) => PlaceOf(id, place).Append("parts");

    /// <summary>The bytes as they come.</summary>
    public static LakePath Object(string id, int place) => PlaceOf(id, place).Append("body");

    /// <summary>Which place an object below an upload's folder is in; null when it is an attempt's copy.</summary>
    internal static int? PlaceOf(string id, LakePath path)
    {
        var name = path.Value[(Folder(id).Value.Length + 1)..].Split('/')[0];
        return name.StartsWith(PlacePrefix, StringComparison.Ordinal) ? int.Parse(name.AsSpan(PlacePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    private static LakePath PlaceOf(string id, int place) => Folder(id).Append(PlacePrefix + place.ToString(CultureInfo.InvariantCulture));
}
