using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>The objects of uploads.</summary>
internal static class UploadObjects
{
    /// <summary>Removes all that is stored of an upload, except what became part of a batch.</summary>
    public static async Task DeleteUploadAsync(this IObjectStore objects, string id, CancellationToken cancellationToken)
    {
        await foreach (var info in objects.ListAsync(UploadPaths.Folder(id), null, cancellationToken))
            await objects.TryDeleteAsync(info.Path, null, cancellationToken);
    }
}
