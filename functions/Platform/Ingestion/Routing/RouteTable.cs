using DataPlatform.Catalog;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Routing;

/// <summary>The routes of the catalog in the order in which they are asked; at most <see cref="PlatformOptions.CatalogMaxAge"/> old.</summary>
public sealed class RouteTable(CatalogStore catalog, TimeProvider clock, IOptions<PlatformOptions> options)
{
    private const int PageSize = 1000;

    private (IReadOnlyList<RouteDefinition> Routes, long ReadAt)? _known;

    /// <summary>Those that may take requests to a dataset, in the order in which they decide: by priority, then by name.</summary>
    internal async Task<IReadOnlyList<RouteDefinition>> OfAsync(string dataset, CancellationToken cancellationToken) =>
        [.. (await GetAsync(cancellationToken)).Where(route => RoutePattern.Matches(route.Dataset, dataset))];

    /// <summary>Whether a route takes a request.</summary>
    internal static bool Takes(RouteDefinition route, RoutedRequest request)
    {
        var when = route.When;
        return RoutePattern.Matches(route.Dataset, request.Dataset)
            && (when.ContentType.Count == 0 || when.ContentType.Any(pattern => RoutePattern.Matches(pattern, request.MediaType)))
            && (when.MinBytes is not { } min || request.Bytes is null || request.Bytes >= min)
            && (when.MaxBytes is not { } max || request.Bytes <= max)
            && (when.Source.Count == 0 || (request.Sources.Count > 0
                && request.Sources.All(source => when.Source.Any(pattern => RoutePattern.Matches(pattern, source)))));
    }

    private async Task<IReadOnlyList<RouteDefinition>> GetAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && clock.GetElapsedTime(known.ReadAt) <= options.Value.CatalogMaxAge && options.Value.CatalogMaxAge > TimeSpan.Zero)
            return known.Routes;

        var readAt = clock.GetTimestamp();
        List<RouteDefinition> routes = [];
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<RouteDefinition>(after, PageSize, cancellationToken);
            routes.AddRange(page.Entries.Select(entry => entry.Definition));
            after = page.Next;
        }
        while (after is not null);

        IReadOnlyList<RouteDefinition> ordered = [.. routes.OrderBy(route => route.Priority).ThenBy(route => route.Name, StringComparer.Ordinal)];
        _known = (ordered, readAt);
        return ordered;
    }
}
