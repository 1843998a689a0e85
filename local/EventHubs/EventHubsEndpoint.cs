using System.Net;
using System.Security.Cryptography.X509Certificates;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Configuration;
using DataPlatform.Local.EventHubs.Nodes;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Security;
using DataPlatform.Local.EventHubs.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Local.EventHubs;

/// <summary>
/// Event Hubs on this machine: AMQP 1.0 as its clients speak it, events in files of a folder, each acknowledged when it is durable. Configuration and
/// connection string are those of the official emulator.
/// </summary>
public sealed class EventHubsEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EventHubNamespace _space;

    private EventHubsEndpoint(WebApplication app, EventHubNamespace space, string connectionString, Uri? health)
    {
        _app = app;
        _space = space;
        ConnectionString = connectionString;
        Health = health;
    }

    /// <summary>For the clients, without an entity path.</summary>
    public string ConnectionString { get; }

    /// <summary>Answers 200 while the endpoint is up; null when there is no health port.</summary>
    public Uri? Health { get; }

    /// <summary>What clients of an endpoint with default options use.</summary>
    public static string EmulatorConnectionString(int port) => Connection(port, new EventHubsEndpointOptions { Folder = "", Configuration = "" });

    /// <summary>Opens the folder and listens.</summary>
    /// <param name="logging">Where to log; null: nowhere.</param>
    /// <exception cref="InvalidDataException">The configuration or the folder is not in order; the message says what.</exception>
    /// <exception cref="IOException">A port is taken, or another process has the folder.</exception>
    public static async Task<EventHubsEndpoint> StartAsync(EventHubsEndpointOptions options, ILoggerFactory? logging = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        clock ??= TimeProvider.System;
        logging ??= NullLoggerFactory.Instance;
        var configuration = NamespaceConfiguration.Parse(options.Configuration);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(logging);
        builder.Services.AddRoutingCore();
        if (!options.EndsBySignal)
            builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        var logger = logging.CreateLogger("DataPlatform.Local.EventHubs");
        var logOptions = new PartitionLogOptions { Retention = options.Retention, RetentionBytes = options.RetentionBytes, SegmentBytes = options.SegmentBytes };
        var space = EventHubNamespace.Open(options.Folder, configuration, logOptions, clock, logger);
        try
        {
            var key = new SharedAccessKey(options.KeyName, options.Key);
            var budget = new ByteBudget(options.WaitingBytes);
            builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, connection =>
                new AmqpConnection(connection, _ => new EventHubsContainer(space, key, budget, clock), new AmqpOptions(), clock, logger).RunAsync()));
            var app = builder.Build();
            app.MapGet("/health", () => Results.Json(new { status = "healthy" }));
            await app.StartAsync(cancellationToken);
            return new EventHubsEndpoint(app, space, Connection(Ports(app)[0], options), HealthOf(app, options));
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    /// <summary>Ends when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => ((IHost)_app).WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _space.Dispose();
    }

    private static void Listen(KestrelServerOptions kestrel, EventHubsEndpointOptions options, ConnectionDelegate serve)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Parse(options.Address), options.Port, listen =>
        {
            if (options.CertificatePath is { } path)
                listen.UseHttps(X509CertificateLoader.LoadPkcs12FromFile(path, options.CertificatePassword));
            ((IConnectionBuilder)listen).Use(_ => serve);
        });
        if (options.HealthPort is { } health)
            kestrel.Listen(IPAddress.Parse(options.Address), health);
    }

    private static string Connection(int port, EventHubsEndpointOptions options)
    {
        var isDefault = port == (options.CertificatePath is null ? EventHubsEndpointOptions.DefaultPort : 5671);
        var emulator = options.CertificatePath is null ? ";UseDevelopmentEmulator=true" : "";
        return $"Endpoint=sb://localhost{(isDefault ? "" : $":{port}")};SharedAccessKeyName={options.KeyName};SharedAccessKey={options.Key}{emulator};";
    }

    private static Uri? HealthOf(WebApplication app, EventHubsEndpointOptions options) =>
        options.HealthPort is null ? null : new Uri($"http://{options.Address}:{Ports(app)[1]}/health");

    private static int[] Ports(WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => BindingAddress.Parse(address).Port)];
}
