namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Whether the platform may connect to an address for a caller.</summary>
internal enum AddressClass
{
    /// <summary>A global unicast address: anybody's.</summary>
    Public,

    /// <summary>Of a private or special network; only where a setting allows it.</summary>
    Private,

    /// <summary>The machine's own surroundings, such as metadata services: whatever the settings say.</summary>
    Never,
}
