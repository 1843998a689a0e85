using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Routing;

/// <summary>What a route's document cannot say of itself.</summary>
public sealed class RouteCheck(CatalogStore catalog)
{
    /// <exception cref="TerminalException"><c>InvalidDefinition</c>: the dataset that is to get the rows is not there.</exception>
    public async Task CheckAsync(RouteDefinition route, CancellationToken cancellationToken)
    {
        var (name, member) = route.To is { } to ? (to, "$.to") : (route.Dataset, "$.dataset");
        if (name.Contains('*', StringComparison.Ordinal) || await catalog.FindAsync<DatasetDefinition>(name, cancellationToken) is not null)
            return;

        var message = $"There is no dataset '{name}': put its contract to /api/v1/datasets/{name} first.";
        throw new TerminalException(
            FailureKind.Invalid, "InvalidDefinition", $"The definition of route '{route.Name}' has a mistake at {member}: {message}", member,
            [new FailureDetail("DatasetNotFound", message, member)]);
    }
}
