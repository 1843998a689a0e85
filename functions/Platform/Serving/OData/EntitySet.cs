namespace DataPlatform.Serving.OData;

/// <summary>A table as OData shows it: its rows are entities.</summary>
/// <param name="Scope">What a caller needs to read it.</param>
public sealed record EntitySet(ServedTable Table, string Scope)
{
    /// <summary>The name in addresses, and of the entity type.</summary>
    public string Name => Table.Name.Name;
}
