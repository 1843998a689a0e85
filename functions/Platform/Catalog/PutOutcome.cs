namespace DataPlatform.Catalog;

/// <summary>What a PUT did.</summary>
public enum PutOutcome
{
    /// <summary>There was no such document.</summary>
    Created,

    /// <summary>The document has a new definition version.</summary>
    Replaced,

    /// <summary>The same document was there already; its definition version stays.</summary>
    Unchanged,
}
