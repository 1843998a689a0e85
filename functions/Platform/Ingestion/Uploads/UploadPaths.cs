using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Where the bytes of uploads lie until they are loaded. All of it follows from the upload's id.</summary>
public static class UploadPaths
{
    /// <summary>All that is stored of an upload lies below.</summary>
    public static LakePath Folder(string id) =>
        BatchId.TryGetDataset(id, out var dataset) ? LakePath.Parse($"lake/uploads/{dataset}/{id}") : throw new ArgumentException("It is no upload's id.", nameof(id));

    /// <summary>The bytes as they are fetched, in parts.</summary>
    public static LakePath Parts(string id) => Folder(id).Append("parts");

    /// <summary>The bytes as they come.</summary>
    public static LakePath Object(string id) => Folder(id).Append("body");
}
