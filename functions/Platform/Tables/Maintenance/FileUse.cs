namespace DataPlatform.Tables.Maintenance;

/// <summary>What a file is to its table.</summary>
internal enum FileUse
{
    /// <summary>A kept version consists of it.</summary>
    Needed,

    /// <summary>Versions that are kept no longer consisted of it.</summary>
    Removed,

    /// <summary>In no commit that is known: left behind, or on its way into one.</summary>
    Unknown,
}
