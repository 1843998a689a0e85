namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Why a hub did not do what it was asked to.</summary>
public enum HubFailure
{
    /// <summary>It cannot be reached, does not answer, or ended the connection. What was sent may have been stored.</summary>
    NoAnswer,

    /// <summary>It asks to come back later.</summary>
    Busy,

    /// <summary>There is no such hub, consumer group or partition.</summary>
    NotFound,

    /// <summary>The key is wrong, or does not allow it.</summary>
    Denied,

    /// <summary>A message is larger than the hub takes.</summary>
    TooLarge,

    /// <summary>Another reader has taken the partition.</summary>
    Stolen,

    /// <summary>Anything else; the message tells what.</summary>
    Refused,
}
