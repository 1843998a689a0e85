using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.TestKit;

/// <summary>A file as a well-behaved server gives it, but for what a test breaks.</summary>
public sealed record RemoteFile(byte[] Content)
{
    public string? ETag { get; init; } = "\"one\"";

    public string ContentType { get; init; } = "text/csv";

    public bool HasLength { get; init; } = true;

    public bool TakesRanges { get; init; } = true;

    /// <summary>Bytes after which the connection is cut.</summary>
    public long CutAfter { get; init; } = long.MaxValue;

    /// <summary>Bytes after which nothing more comes until the client gives up.</summary>
    public long SilentAfter { get; init; } = long.MaxValue;

    /// <param name="seed">Of its bytes.</param>
    public static RemoteFile Of(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return new RemoteFile(content);
    }

    public async Task AnswerAsync(HttpContext http)
    {
        var response = http.Response;
        var range = http.Request.GetTypedHeaders().Range?.Ranges.Single().From;
        var from = TakesRanges && range is { } start && http.Request.Headers.IfRange.ToString() == ETag ? (int)start : 0;
        response.ContentType = ContentType;
        if (ETag is not null)
            response.Headers.ETag = ETag;
        if (from > 0 && from >= Content.Length)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{Content.Length}";
            return;
        }

        if (from > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{Content.Length - 1}/{Content.Length}");
        }

        if (HasLength)
            response.ContentLength = Content.Length - from;
        var send = (int)Math.Min(Content.Length - from, Math.Min(CutAfter, SilentAfter));
        await response.Body.WriteAsync(Content.AsMemory(from, send));
        await response.Body.FlushAsync();
        if (SilentAfter < long.MaxValue)
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        if (from + send < Content.Length)
            http.Abort();
    }
}
