namespace DataPlatform.Catalog;

/// <summary>What becomes of due times that passed while the app was down.</summary>
public enum CatchUp
{
    /// <summary>The newest of them is run.</summary>
    Latest,

    /// <summary>All are run, oldest first.</summary>
    All,

    /// <summary>None is run.</summary>
    None,
}
