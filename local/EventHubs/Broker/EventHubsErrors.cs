namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>Conditions of Event Hubs beyond those of AMQP.</summary>
internal static class EventHubsErrors
{
    public const string ArgumentOutOfRange = "com.microsoft:argument-out-of-range";
    public const string ArgumentError = "com.microsoft:argument-error";
    public const string ServerBusy = "com.microsoft:server-busy";
}
