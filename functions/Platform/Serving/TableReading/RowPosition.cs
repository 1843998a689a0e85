namespace DataPlatform.Serving.TableReading;

/// <summary>A place between two rows of a query over one version. Either by the last row's values, so that any page costs what the first does, or, where rows
/// have nothing that tells them apart, by how many came before.</summary>
/// <param name="Keys">The last row's values of what the query orders by, as <see cref="Queries.OrderKey"/> writes them; null when <paramref name="Offset"/> says it.</param>
/// <param name="Offset">Rows before, without those that the query skips.</param>
/// <param name="Left">Rows of the query's <c>top</c> that are still to come; null when it has none.</param>
public sealed record RowPosition(IReadOnlyList<string?>? Keys, long Offset, long? Left)
{
    /// <summary>Stands for what tells rows apart. It follows from the definition too, which may have changed: then the place says nothing any more.</summary>
    public string? Order { get; init; }
}
