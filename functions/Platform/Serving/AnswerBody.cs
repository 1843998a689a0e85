using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Serving;

/// <summary>A response's body, compressed while it is written when the client takes that and it is worth it.</summary>
internal sealed class AnswerBody : IAsyncDisposable
{
    /// <summary>What fits into one packet is not made faster by compression.</summary>
    private const int WorthBytes = 1_400;

    private readonly HttpResponse _response;
    private Stream? _encoder;

    private AnswerBody(HttpResponse response) => _response = response;

    /// <param name="firstBytes">Of what is at hand.</param>
    /// <param name="whole">Whether that is all.</param>
    public static AnswerBody Open(HttpResponse response, int firstBytes, bool whole)
    {
        var body = new AnswerBody(response);
        if (whole && firstBytes < WorthBytes)
            return body;

        var encoding = Choose(response.HttpContext.Request.Headers);
        if (encoding is null)
            return body;
        response.Headers.ContentEncoding = encoding;
        body._encoder = encoding == "br"
            ? new BrotliStream(response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        return body;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => (_encoder ?? _response.Body).WriteAsync(bytes, cancellationToken);

    /// <summary>Ends the body. Not to be called after a failure: cut-off data must not look complete.</summary>
    public async Task EndAsync()
    {
        if (_encoder is not null)
            await _encoder.DisposeAsync();
        _encoder = null;
    }

    /// <summary>Frees the encoder; what it holds is not sent, since the connection is aborted by then.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_encoder is null)
            return;
        try
        {
            await _encoder.DisposeAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The failure that led here is told.
        }
    }

    /// <summary>The client's favourite of br and gzip; br when it has none.</summary>
    private static string? Choose(IHeaderDictionary headers)
    {
        if (headers.AcceptEncoding.Count == 0 || !StringWithQualityHeaderValue.TryParseList(headers.AcceptEncoding, out var offers))
            return null;
        return ((string[])["br", "gzip"])
            .Select(name => (Name: name, Quality: Quality(offers, name)))
            .Where(choice => choice.Quality > 0)
            .OrderByDescending(choice => choice.Quality)
            .Select(choice => choice.Name)
            .FirstOrDefault();
    }

    private static double Quality(IList<StringWithQualityHeaderValue> offers, string name)
    {
        var offer = offers.FirstOrDefault(offer => offer.Value.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? offers.FirstOrDefault(offer => offer.Value == "*");
        return offer is null ? 0 : offer.Quality ?? 1;
    }
}
