using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs;

/// <summary>The endpoint as a program of its own: <c>dotnet run --project local/EventHubs -- CONFIG.json FOLDER [PORT [HEALTH_PORT]]</c>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not [var configuration, var folder, .. var ports] || ports.Length > 2 || !ports.All(port => ushort.TryParse(port, out _)))
        {
            Console.Error.WriteLine("usage: DataPlatform.Local.EventHubs CONFIG.json FOLDER [PORT [HEALTH_PORT]]");
            return 2;
        }

        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true).AddFilter("Microsoft", LogLevel.Warning));
        try
        {
            await using var endpoint = await EventHubsEndpoint.StartAsync(
                new EventHubsEndpointOptions
                {
                    Configuration = await File.ReadAllTextAsync(configuration),
                    Folder = folder,
                    Port = ports.Length > 0 ? int.Parse(ports[0], System.Globalization.CultureInfo.InvariantCulture) : EventHubsEndpointOptions.DefaultPort,
                    HealthPort = ports.Length > 1 ? int.Parse(ports[1], System.Globalization.CultureInfo.InvariantCulture) : EventHubsEndpointOptions.DefaultHealthPort,
                },
                logging);
            Console.WriteLine($"Event Hubs: {endpoint.ConnectionString}");
            await endpoint.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
