namespace DataPlatform.Serving.TableReading;

/// <summary>How a door reads, beside what its caller asks for.</summary>
public sealed record ReadOptions
{
    public static readonly ReadOptions All = new();

    /// <summary>Null shows all rows.</summary>
    public RowFilter? Filter { get; init; }

    /// <summary>At most so many rows; <see cref="TableRows.Next"/> says where more follow. Null reads all that the query asks for.</summary>
    public int? PageSize { get; init; }

    /// <summary>Where the page before ended, which was of the same query and version. The query's <c>skip</c> and <c>top</c> are behind then.</summary>
    public RowPosition? After { get; init; }
}
