using DataPlatform.Local.EventHubs.Client;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>The settings that connect triggers to Event Hubs.</summary>
internal static class HubConnections
{
    public const string Default = "EventHub";

    /// <summary>Whether there is a connection string, or a namespace for a managed identity, which only the official host can use.</summary>
    public static bool IsSet(IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 } || settings[NamespaceKey(name)] is { Length: > 0 };

    /// <returns>The connection string, or what is wrong.</returns>
    public static (HubConnectionString? Connection, string? Problem) Read(IConfiguration settings, string name)
    {
        if (settings[name] is not { Length: > 0 } text)
        {
            return settings[NamespaceKey(name)] is { Length: > 0 }
                ? (null, $"the setting {NamespaceKey(name)} asks for a managed identity, which the local runtime does not use for Event Hubs")
                : (null, $"the setting {name}, its connection to Event Hubs, is not there");
        }

        try
        {
            return (HubConnectionString.Parse(text), null);
        }
        catch (FormatException exception)
        {
            return (null, $"the setting {name} is not a connection string of Event Hubs: {exception.Message.TrimEnd('.')}");
        }
    }

    private static string NamespaceKey(string name) => $"{name}:fullyQualifiedNamespace";
}
