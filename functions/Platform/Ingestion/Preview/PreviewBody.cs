using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Preview;

/// <summary>The rows of a request, taken out of the form they may have come in.</summary>
/// <param name="Contract">The contract that came in the form before the file; null when there is none.</param>
internal sealed record PreviewBody(BatchMedia Media, Stream Content, ReadOnlyMemory<byte>? Contract)
{
    /// <summary>The form's field with a proposed contract.</summary>
    public const string ContractField = "contract";

    /// <exception cref="Failures.TerminalException"><c>UnsupportedMediaType</c>, <c>UnreadableFile</c>, <c>DocumentTooLarge</c>.</exception>
    public static async Task<PreviewBody> OpenAsync(PreviewRequest request, CancellationToken cancellationToken)
    {
        if (!UploadForm.Is(request.ContentType))
            return new PreviewBody(BatchMedia.Parse(request.ContentType, request.ContentEncoding), request.Body, null);

        var (type, file, contract) = await UploadForm.OpenAsync(
            request.ContentType!, request.ContentEncoding, request.Body, ContractField, cancellationToken);
        return new PreviewBody(BatchMedia.Parse(type, null), file, contract);
    }
}
