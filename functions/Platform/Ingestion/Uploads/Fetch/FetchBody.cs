using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A body that is a request to fetch, or rows.</summary>
/// <param name="Request">Null when the body is rows.</param>
/// <param name="Rows">The body from its beginning, when it is rows.</param>
public sealed record FetchBody(FetchRequest? Request, Stream Rows)
{
    /// <summary>
    /// Looks whether a body asks to fetch. With <see cref="FetchRequest.MediaType"/> it does. A JSON body does when it is one object that has a URL
    /// and only what such requests have, and the contract would not take it for a row: it has no field <c>url</c>, nor takes new fields.
    /// </summary>
    /// <param name="contract">Null when the dataset is not known.</param>
    /// <exception cref="TerminalException">It asks for it, but not well: as <see cref="FetchRequestReader.Read"/>; <c>FetchTooLong</c>.</exception>
    public static async Task<FetchBody> OpenAsync(
        string? contentType, string? contentEncoding, Stream body, DatasetDefinition? contract, CancellationToken cancellationToken)
    {
        var isFetch = IsOfType(contentType, FetchRequest.MediaType);
        if (!isFetch && (!IsOfType(contentType, "application/json") || !string.IsNullOrEmpty(contentEncoding) || contract is null || TakesUrls(contract)))
            return new FetchBody(null, body);

        var start = new byte[FetchRequestReader.MaxBytes + 1];
        var read = await body.ReadAtLeastAsync(start, 1, throwOnEndOfStream: false, cancellationToken);
        if (isFetch || IsObject(start.AsSpan(0, read)))
            read += await body.ReadAtLeastAsync(start.AsMemory(read), start.Length - read, throwOnEndOfStream: false, cancellationToken);

        var isWhole = read < start.Length;
        var json = start.AsMemory(0, read);
        if (isFetch && !isWhole)
            throw new TerminalException(FailureKind.TooLarge, "FetchTooLong", $"A request to fetch has at most {FetchRequestReader.MaxBytes} bytes.", "$");
        return isFetch || (isWhole && FetchRequestReader.Is(json))
            ? new FetchBody(FetchRequestReader.Read(json), Stream.Null)
            : new FetchBody(null, new PrefixedStream(json, body));
    }

    private static bool IsOfType(string? contentType, string mediaType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var media) && media.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    private static bool IsObject(ReadOnlySpan<byte> start) => start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static bool TakesUrls(DatasetDefinition contract) =>
        contract.OnUnexpected.Columns == UnexpectedPolicy.Evolve
        || contract.Fields.Any(field => field.InputName.Equals("url", StringComparison.OrdinalIgnoreCase));
}
