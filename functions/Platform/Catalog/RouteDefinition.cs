namespace DataPlatform.Catalog;

/// <summary>A rule of the gateway: which service takes a request, and for which dataset.</summary>
public sealed record RouteDefinition
{
    public const int DefaultPriority = 100;
    public const int MaxPriority = 1000;

    /// <summary><c>[a-z][a-z0-9_-]{0,62}</c>.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>The name in the request's address, or a pattern of such names with <c>*</c>.</summary>
    public required string Dataset { get; init; }

    /// <summary>Of the routes that take a request the one with the smallest decides; of equal ones the first by name.</summary>
    public int Priority { get; init; } = DefaultPriority;

    public RouteCondition When { get; init; } = new();

    /// <summary>Null leaves it to the platform's defaults.</summary>
    public RouteService? Service { get; init; }

    /// <summary>The dataset that gets the rows; null: the one of the address.</summary>
    public string? To { get; init; }
}
