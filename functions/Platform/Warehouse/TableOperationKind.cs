namespace DataPlatform.Warehouse;

/// <summary>What can be done to a table beside loading it: to keep it in good order, and to correct it.</summary>
public enum TableOperationKind
{
    Optimize,
    Vacuum,
    Restore,
    Delete,
    Update,

    /// <summary>Gives columns wider types.</summary>
    Widen,

    /// <summary>Asked for by DELETE of the table.</summary>
    Drop,
}
