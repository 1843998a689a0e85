namespace DataPlatform.Warehouse;

/// <summary>What can be done to a table to keep it in good order.</summary>
public enum TableOperationKind
{
    Optimize,
    Vacuum,
    Restore,
}
