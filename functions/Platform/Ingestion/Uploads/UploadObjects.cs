using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>The objects of uploads.</summary>
internal static class UploadObjects
{
    /// <summary>Removes what is stored of an upload and not needed any more: of earlier rounds all, of this one when it has ended and its bytes are not kept;
    /// when it has ended, copies of attempts.</summary>
    public static Task ClearUploadAsync(this IObjectStore objects, Upload upload, CancellationToken cancellationToken) =>
        objects.DeleteAsync(upload.Id, upload is { HasEnded: true, KeptUntil: null } ? upload.Place : upload.Place - 1, upload.HasEnded, cancellationToken);

    /// <summary>Removes all that is stored of an upload that has no row.</summary>
    public static Task DeleteUploadAsync(this IObjectStore objects, string id, CancellationToken cancellationToken) =>
        objects.DeleteAsync(id, int.MaxValue, copies: true, cancellationToken);

    private static async Task DeleteAsync(this IObjectStore objects, string id, int lastPlace, bool copies, CancellationToken cancellationToken)
    {
        await foreach (var info in objects.ListAsync(UploadPaths.Folder(id), null, cancellationToken))
        {
            if (UploadPaths.PlaceOf(id, info.Path) is { } place ? place <= lastPlace : copies)
                await objects.TryDeleteAsync(info.Path, null, cancellationToken);
        }
    }
}
