using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>An answer without a body.</summary>
public sealed class EmptyAnswer(int status) : IResult
{
    /// <summary>Set on the response.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        foreach (var (name, text) in Headers)
            httpContext.Response.Headers[name] = text;
        return Task.CompletedTask;
    }
}
