using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>What the official host answers itself: its management paths, which ask for a key that the local runtime does not have, and the
/// home page where no function takes <c>/</c>.</summary>
internal sealed class HostAnswers(IConfiguration settings)
{
    private static readonly string[] Open = ["/admin/host/ping", "/admin/warmup"];
    private static readonly string[] Closed =
        ["/admin/functions", "/admin/host", "/admin/instance", "/admin/pod", "/admin/vfs", "/admin/zip", "/runtime/webhooks"];

    private readonly bool _homePage = !string.Equals(settings["AzureWebJobsDisableHomepage"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers a management path, whatever functions there are.</summary>
    /// <returns>False when the path is none.</returns>
    public static bool TryAnswer(HttpContext http)
    {
        var status = IsIn(Open) ? StatusCodes.Status200OK : IsIn(Closed) ? StatusCodes.Status401Unauthorized : 0;
        if (status != 0)
        {
            http.Response.StatusCode = status;
        }

        return status != 0;

        bool IsIn(string[] prefixes) => prefixes.Any(p => http.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Answers what no function takes.</summary>
    public Task NotFoundAsync(HttpContext http)
    {
        if (http.Request.Path != "/")
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (!_homePage)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        http.Response.ContentType = "text/html";
        return http.Response.WriteAsync("<!DOCTYPE html><title>Functions</title><p>The app is up and running. No function takes this address.", http.RequestAborted);
    }
}
