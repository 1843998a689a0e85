namespace DataPlatform.Catalog;

/// <summary>The kinds of documents the catalog keeps.</summary>
public enum DefinitionKind
{
    Dataset,
    Pipeline,
    Mart,
    Route,
    Dashboard,
}
