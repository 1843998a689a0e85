using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests;

/// <summary>A real host on a free port of 127.0.0.1, with the functions of a few classes and a folder of its own.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(IHost host, TempFolder folder, StringWriter output, LogRecorder log)
    {
        Host = host;
        Folder = folder;
        Output = output;
        Logs = log;
        Http = new HttpClient { BaseAddress = Address };
    }

    public IHost Host { get; }

    public TempFolder Folder { get; }

    public StringWriter Output { get; }

    public LogRecorder Logs { get; }

    public HttpClient Http { get; }

    public Uri Address => new(Output.ToString().Split("Listening on ")[1].Trim());

    public IServiceProvider Services => Host.Services;

    public static Task<TestHost> StartAsync(params Type[] functions) => StartAsync(functions, null);

    /// <param name="hostJson">The file's text; by default a routePrefix of "".</param>
    /// <param name="folder">The root folder; by default a fresh one, deleted with the host.</param>
    public static async Task<TestHost> StartAsync(
        Type[] functions,
        Action<FunctionsApplicationBuilder>? configure,
        string? hostJson = null,
        TempFolder? folder = null,
        bool web = true,
        params string[] args)
    {
        folder ??= new TempFolder();
        File.WriteAllText(folder.File("host.json"), hostJson ?? """{"version":"2.0","extensions":{"http":{"routePrefix":""}}}""");
        var output = new StringWriter();
        var log = new LogRecorder();
        var builder = new FunctionsApplicationBuilder(new RuntimeOptions(["--port", "0", .. args], functions)
        {
            Root = folder.Path,
            HostJsonFolders = [folder.Path],
            LocalSettingsFolders = [folder.Path],
            Output = output,
        });
        if (web)
        {
            builder.ConfigureFunctionsWebApplication();
        }

        builder.Logging.ClearProviders().AddProvider(log);
        configure?.Invoke(builder);
        var host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            folder.Dispose();
            throw;
        }

        return new TestHost(host, folder, output, log);
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)Host).DisposeAsync();
        Folder.Dispose();
    }
}
