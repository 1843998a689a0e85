using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Serving.Dashboards;

/// <summary>Reads what a link is asked to show: <c>{"expiresIn": "P7D", "filters": {"state": ["CA"]}}</c>.</summary>
public sealed class DashboardLinkRequests(CatalogStore catalog, TimeProvider time)
{
    private const int MaxValues = 100;
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <param name="document">Empty takes the usual.</param>
    /// <exception cref="TerminalException"><c>DashboardNotFound</c>; <c>InvalidLink</c> with all mistakes, each at its JSON path.</exception>
    public async Task<DashboardLinkRequest> ReadAsync(string dashboard, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<DashboardDefinition>(dashboard, cancellationToken)).Definition;
        var now = time.GetUtcNow();
        if (document.IsEmpty)
            return new DashboardLinkRequest(now + Usual, DashboardChoice.None.Held);

        var mistakes = new Mistakes();
        var dimensions = await DimensionsAsync(definition, cancellationToken);
        var life = Usual;
        var filters = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        using var json = Parse(document);
        if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } root)
        {
            if (root.Text("expiresIn") is { } text && !(Iso8601Duration.TryParse(text, out life) && life >= Shortest && life <= Longest))
                mistakes.Add("InvalidDuration", "$.expiresIn", $"'{ObjectReader.Shorten(text)}' is not an ISO 8601 duration of 1 minute to 366 days: write 'PT12H' or 'P7D'.");
            if (root.Object("filters") is { } given)
                Filters(given);
            root.Close();
        }

        return mistakes.Count == 0 ? new DashboardLinkRequest(now + life, filters) : throw mistakes.ToException("the link", FailureKind.Invalid, "InvalidLink");

        void Filters(ObjectReader given)
        {
            foreach (var name in given.Names)
            {
                if (!dimensions.Contains(name))
                    mistakes.Add("UnknownDimension", given.PathOf(name), $"No mart of the dashboard has a dimension '{ObjectReader.Shorten(name)}'.{DidYouMean.Sentence(name, dimensions)}");
                filters[name] = [.. given.Texts(name, MaxValues, required: true).Select(value => value.Text)];
            }

            given.Close();
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> document)
    {
        try
        {
            return JsonDocument.Parse(document);
        }
        catch (JsonException exception)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is no JSON: {exception.Message}", "body", innerException: exception);
        }
    }

    private async Task<HashSet<string>> DimensionsAsync(DashboardDefinition dashboard, CancellationToken cancellationToken)
    {
        var dimensions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mart in dashboard.Tiles.Select(dashboard.MartOf).Distinct())
            dimensions.UnionWith((await catalog.FindAsync<MartDefinition>(mart, cancellationToken))?.Definition.Dimensions.Select(dimension => dimension.Name) ?? []);
        return dimensions;
    }
}
