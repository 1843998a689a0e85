namespace DataPlatform.Serving.OData;

/// <summary>What an address below <c>/odata</c> is of.</summary>
internal enum ODataResource
{
    ServiceDocument,
    Metadata,

    /// <summary>The entities of a set.</summary>
    Collection,

    /// <summary>One entity, by its key.</summary>
    Entity,

    /// <summary>The number of a set's entities.</summary>
    Count,
}
