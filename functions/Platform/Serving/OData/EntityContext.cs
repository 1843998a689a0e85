using DataPlatform.Serving.Queries;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Tables;

namespace DataPlatform.Serving.OData;

/// <summary>What an answer is of.</summary>
/// <param name="Service">The service's address, with a slash at its end.</param>
/// <param name="Url">The context URL.</param>
/// <param name="IsEntity">False when the rows are groups or otherwise none of the set's entities.</param>
internal sealed record EntityContext(string Service, string Set, string Url, bool IsEntity, IReadOnlyList<TableColumn> Declared)
{
    /// <param name="text">As the caller wrote it.</param>
    /// <param name="query">The same, understood.</param>
    /// <param name="single">Whether it is one entity, by its key.</param>
    public static EntityContext Of(string service, string set, QueryText text, TableQuery query, EntityShape shape, bool single)
    {
        var projected = text.Select is not null || text.Apply is not null || text.Compute is not null;
        var properties = projected ? $"({string.Join(',', query.Select.Select(column => column.Name))})" : "";
        return new EntityContext(service, set, $"{service}$metadata#{set}{properties}{(single ? "/$entity" : "")}", !query.Apply.OfType<GroupStep>().Any(), shape.Columns);
    }

    /// <summary>Whether the metadata document has a property of the entities here.</summary>
    public bool Declares(string name) => IsEntity && Declared.Any(column => column.Name == name);
}
