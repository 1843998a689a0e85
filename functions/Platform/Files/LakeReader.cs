using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>Answers GET and HEAD of the lake: objects, and lists at addresses that end with a slash.</summary>
public sealed class LakeReader(IObjectStore objects, LakeLister lister, TimeProvider clock)
{
    private const int MaxAttempts = 5;

    /// <param name="path">As in the address, decoded.</param>
    /// <exception cref="TerminalException">400, 404, 412; <c>ObjectNotFound</c> for what is not there.</exception>
    public async Task<IResult> ReadAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        // Routes ask for it, too; but which of two routes an oddly written address takes is not for the scope to depend on.
        var scope = LakeAddress.ReadScope(path);
        if (!Caller.Of(request.HttpContext).Has(scope))
            throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{scope}'.", "scope");
        if (path.Length == 0 || path.EndsWith('/'))
            return await lister.ListAsync(request, path, cancellationToken);

        _ = new QueryOptions(request);
        var location = LakeAddress.Locate(path);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var info = await objects.GetInfoAsync(location, cancellationToken) ?? throw NotFound(path);
            if (await TryAnswerAsync(request, info, cancellationToken) is { } answer)
                return answer;
        }

        throw new TransientException($"'{path}' is being replaced again and again.");
    }

    internal static TerminalException NotFound(string path) => new(
        FailureKind.NotFound, "ObjectNotFound", $"There is no object '{path}'. The address of a folder ends with a slash.", "path");

    /// <returns>Null when the object was replaced meanwhile.</returns>
    private async Task<IResult?> TryAnswerAsync(HttpRequest request, ObjectInfo info, CancellationToken cancellationToken)
    {
        switch (ReadConditions.Evaluate(request.Headers, info))
        {
            case StatusCodes.Status412PreconditionFailed:
                throw new TerminalException(
                    FailureKind.PreconditionFailed, "ObjectChanged", $"The object is not the one you ask for: its ETag is \"{info.ETag}\" now.", "If-Match");
            case StatusCodes.Status304NotModified:
                ObjectHeaders.SetValidators(request.HttpContext.Response, info);
                return new EmptyAnswer(StatusCodes.Status304NotModified);
        }

        if (HttpMethods.IsHead(request.Method))
            return new ObjectAnswer(info, null, null);

        var header = ReadConditions.AllowRange(request.Headers, info, clock.GetUtcNow()) && request.Headers.Range is [{ } only] ? only : null;
        var range = RangeHeader.Parse(header, info.Length, out var satisfiable);
        if (!satisfiable)
            throw new RangeNotSatisfiableException(info.Length);
        return await objects.TryOpenReadAsync(info, range, cancellationToken) is { } content ? new ObjectAnswer(info, range, content) : null;
    }
}
