namespace DataPlatform.Catalog;

/// <summary>Which changes of a contract a PUT lets pass (<c>?compatibility=</c>).</summary>
public enum Compatibility
{
    /// <summary>All that the dataset's table can take.</summary>
    None,

    /// <summary>Only compatible ones, once the dataset has data.</summary>
    Backward,
}
