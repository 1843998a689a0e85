using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Gateway;

/// <summary>Absolute addresses in answers: below <see cref="PlatformOptions.PublicUrl"/>, else where the request came to.</summary>
public sealed class Links(IOptions<PlatformOptions> options)
{
    /// <summary>How soon it is worth to ask again for what goes on.</summary>
    public const int PollSeconds = 2;

    /// <param name="path">Starts with a slash; escaped.</param>
    public string To(HttpRequest request, string path) =>
        (options.Value.PublicUrl is { Length: > 0 } url ? url.TrimEnd('/') : $"{request.Scheme}://{request.Host.ToUriComponent()}") + path;

    /// <summary>The address of the request with one query option changed.</summary>
    public string Next(HttpRequest request, string option, string value)
    {
        var others = request.Query.Where(pair => pair.Key != option).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        return To(request, request.Path.ToUriComponent() + QueryString.Create(others.Append(KeyValuePair.Create(option, (string?)value))).ToUriComponent());
    }

    /// <summary>202 with <c>Operation-Location</c> and <c>Retry-After</c>.</summary>
    /// <param name="statusPath">Where the operation's status is, e.g. <c>/api/v1/runs/{id}</c>.</param>
    public IResult Accepted(HttpRequest request, OperationStatus operation, string statusPath) =>
        new JsonAnswer(StatusCodes.Status202Accepted, operation)
        {
            Headers = new Dictionary<string, string>
            {
                ["Operation-Location"] = To(request, statusPath),
                ["Retry-After"] = PollSeconds.ToString(CultureInfo.InvariantCulture),
            },
        };

    /// <summary>One page of a list.</summary>
    /// <param name="option">The query option that takes the cursor.</param>
    /// <param name="next">The cursor of the next page; null on the last one.</param>
    public IResult List<T>(HttpRequest request, IReadOnlyList<T> items, string option, string? next) =>
        new JsonAnswer(StatusCodes.Status200OK, new ListAnswer<T>(items, next is null ? null : Next(request, option, next), next));
}
