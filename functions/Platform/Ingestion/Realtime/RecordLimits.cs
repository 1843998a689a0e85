namespace DataPlatform.Ingestion.Realtime;

/// <summary>Bounds of single-row requests and of the groups they are committed in.</summary>
internal static class RecordLimits
{
    /// <summary>Of a request's body.</summary>
    public const int MaxBodyBytes = 1 << 20;

    /// <summary>Of a request.</summary>
    public const int MaxRows = 10_000;

    /// <summary>Requests of a group: each is an entry in its commit.</summary>
    public const int GroupRequests = 256;

    /// <summary>Bodies of a group, after its first.</summary>
    public const int GroupBytes = 2 << 20;

    /// <summary>Bodies that wait for one dataset's groups; more are told to come again.</summary>
    public const long WaitingBytes = 32L << 20;

    /// <summary>Rows of a group.</summary>
    public const int GroupRows = 32_768;

    /// <summary>How long the receipts of a commit may wait for those of the next ones.</summary>
    public static readonly TimeSpan ProjectionDelay = TimeSpan.FromMilliseconds(250);
}
