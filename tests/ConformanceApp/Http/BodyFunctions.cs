using System.Buffers;
using System.Security.Cryptography;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>Functions that read bodies in several ways, or not at all.</summary>
public sealed class BodyFunctions(Observations observations)
{
    /// <summary>Lifts the worker's own limit, as an app for large bodies does.</summary>
    [Function("bodies_read")]
    public async Task<IResult> Read(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "put", Route = "bodies/read")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;

        return Results.Json(await ReadAsync(request, cancellationToken));
    }

    [Function("bodies_usual_limit")]
    public async Task<IResult> UsualLimit(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "bodies/usual-limit")] HttpRequest request, CancellationToken cancellationToken) =>
        Results.Json(await ReadAsync(request, cancellationToken));

    [Function("bodies_refused")]
    public IResult Refused([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "bodies/refused")] HttpRequest request)
    {
        request.HttpContext.Response.Headers.RetryAfter = "3";
        return Results.StatusCode(StatusCodes.Status429TooManyRequests);
    }

    /// <summary>Says what a read gave when the client went away in the middle.</summary>
    [Function("bodies_cut")]
    public async Task<IResult> Cut([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "bodies/cut/{key}")] HttpRequest request, string key)
    {
        observations.Add(key, "began");
        try
        {
            await request.Body.CopyToAsync(Stream.Null, CancellationToken.None);
            observations.Add(key, "whole");
        }
        catch (Exception exception)
        {
            observations.Add(key, exception is OperationCanceledException or IOException ? "broken off" : exception.GetType().Name);
            throw;
        }

        return Results.NoContent();
    }

    private static async Task<BodySeen> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var before = Environment.WorkingSet;
        long length = 0, most = before, looked = 0;
        try
        {
            int count;
            while ((count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                length += count;
                if (length - looked > 4_000_000)
                    (looked, most) = (length, Math.Max(most, Environment.WorkingSet));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return new BodySeen(length, Convert.ToHexString(hash.GetHashAndReset()), request.ContentLength, request.ContentType, most - before);
    }
}
