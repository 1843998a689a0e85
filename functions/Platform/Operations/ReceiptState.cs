namespace DataPlatform.Operations;

/// <summary>What has become of a batch.</summary>
public enum ReceiptState
{
    /// <summary>Its request is being worked on, or was cut off a moment ago.</summary>
    InProgress,

    /// <summary>In the table's log: its rows are counted.</summary>
    Committed,

    /// <summary>Refused as a whole; counts nowhere.</summary>
    Rejected,

    /// <summary>Its request ended without a commit; counts nowhere. Sent again under the same key, it may still commit.</summary>
    Abandoned,
}
