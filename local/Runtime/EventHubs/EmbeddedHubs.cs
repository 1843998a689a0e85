using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataPlatform.Local.EventHubs;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>The Event Hubs endpoint that runs inside this process: <c>LocalRuntime:EventHubs</c> names its configuration.</summary>
/// <param name="Configuration">The file's text, as the official emulator has it.</param>
internal sealed record EmbeddedHubs(string Configuration, int Port)
{
    /// <summary>The setting that is set to the endpoint; where it is set already there is no endpoint.</summary>
    public const string Connection = "EventHubs";

    private const string FileKey = "LocalRuntime:EventHubs";
    private const string PortKey = "LocalRuntime:EventHubsPort";

    /// <summary>Reads the settings, and adds the connection to them.</summary>
    /// <returns>Null when there is to be no endpoint, or something is wrong, which is reported.</returns>
    public static EmbeddedHubs? Add(IConfigurationManager settings, string root, StartErrors errors)
    {
        if (settings[FileKey] is not { Length: > 0 } name || HubConnections.IsSet(settings, Connection))
        {
            return null;
        }

        var file = Path.GetFullPath(name, root);
        if (!File.Exists(file))
        {
            errors.AddSetting(FileKey, $"there is no file {file}", "name the configuration of the event hubs, such as samples/event-hubs.json");
            return null;
        }

        var port = EventHubsEndpointOptions.DefaultPort;
        if (settings[PortKey] is { Length: > 0 } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue))
        {
            errors.AddSetting(PortKey, $"'{text}' is not a port", "write a number up to 65535; 0 takes a free one");
            return null;
        }

        var embedded = new EmbeddedHubs(File.ReadAllText(file), port == 0 ? FreePort() : port);
        settings.AddInMemoryCollection([KeyValuePair.Create(Connection, (string?)EventHubsEndpoint.EmulatorConnectionString(embedded.Port))]);
        return embedded;
    }

    // Known before the endpoint is there, since functions are found by their settings.
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
