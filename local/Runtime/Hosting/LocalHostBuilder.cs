using DataPlatform.Local.Runtime.Durable;
using DataPlatform.Local.Runtime.EventHubs;
using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Http;
using DataPlatform.Local.Runtime.Timers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Puts the host together: settings, logging, the web server, and what runs the functions.</summary>
internal sealed class LocalHostBuilder
{
    private readonly RuntimeOptions _options;
    private readonly StartErrors _errors = new();
    private readonly StartFailure _failure;
    private readonly EmbeddedHubs? _hubs;

    public LocalHostBuilder(RuntimeOptions options)
    {
        _options = options;
        Web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ContentRootPath = options.Root,
            EnvironmentName = EnvironmentName(),
        });
        LocalSettings.Add(Web.Configuration, options, _errors);
        _hubs = EmbeddedHubs.Add(Web.Configuration, options.Root, _errors);
        _failure = new StartFailure(options, Web.Configuration);
        _failure.Watch();
        Web.WebHost.UseKestrelCore();
        Web.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        Web.Logging.AddConsole(console => console.FormatterName = LocalConsoleFormatter.FormatterName);
        Web.Logging.AddConsoleFormatter<LocalConsoleFormatter, ConsoleFormatterOptions>();
    }

    public WebApplicationBuilder Web { get; }

    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    public IHost Build()
    {
        var settings = new RuntimeSettings(Web.Configuration, _options.Root, _errors);
        var hostJson = HostJson.Load(_options.HostJsonFolders, Web.Configuration, _errors);
        var catalog = FunctionCatalog.Load(_options.FunctionTypes, Web.Configuration, _errors);
        var addresses = ServerAddresses.From(Web.Configuration, settings, _errors);
        LogLevels.Apply(Web.Logging, hostJson, Web.Configuration, _errors);
        Web.WebHost.UseUrls(addresses);

        var services = Web.Services;
        services.AddSingleton(settings);
        services.AddSingleton(hostJson);
        services.AddSingleton(catalog);
        services.AddSingleton(_errors);
        services.AddSingleton(new MiddlewarePipeline(Middleware));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ShutdownSignal>();
        services.AddSingleton<FunctionInvoker>();
        services.AddSingleton<IParameterBinder, ContextBinder>();
        services.AddSingleton<StartChecks>();
        services.AddSingleton<IFunctionValidator, StateFolderCheck>();
        services.AddSingleton<RetryingInvoker>();
        services.AddHttpServer(CorsSettings.Read(Web.Configuration, _errors));
        services.AddTimers();
        services.AddEventHubs(_hubs);
        services.AddDurable(catalog);
        if (Place.Read(Web.Configuration, _errors) is { } place)
        {
            services.AddSingleton(place);
            services.AddSingleton(_options);
            services.AddHostedService<MemoryWatch>();
        }

        services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        // Running requests get their grace, then a moment to heed the token; then connections are cut.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownGrace + TimeSpan.FromSeconds(6));
        Web.Host.UseDefaultServiceProvider(provider =>
        {
            provider.ValidateScopes = true;
            provider.ValidateOnBuild = true;
        });

        try
        {
            var app = Web.Build();
            app.UseHttpFunctions();
            return new LocalHost(app, _options, _failure);
        }
        catch (Exception exception) when (_options.Exit is not null)
        {
            _failure.Report(exception);
            _options.Exit(1);
            throw;
        }
    }

    private string EnvironmentName() =>
        (_options.ReadEnvironment
            ? Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            : null)
        ?? Environments.Development;
}
