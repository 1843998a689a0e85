using System.Diagnostics;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>A whole functions host in a process of its own, made to be killed. Hosts of one folder share their store.</summary>
internal sealed class FaultHost : IAsyncDisposable
{
    public const string Switch = "--fault-host";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private FaultHost(Process process)
    {
        _process = process;
        ProcessId = process.Id;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int ProcessId { get; }

    public Uri Address { get; private set; } = null!;

    /// <summary>When it was killed, in ticks of <see cref="Stopwatch"/>; null as long as it lives.</summary>
    public long? KilledAt { get; private set; }

    /// <summary>The host's own side: runs until it is killed, or until the test that started it is gone.</summary>
    public static async Task<int> Run(string folder)
    {
        FunctionsApplicationBuilder builder = new(new RuntimeOptions(["--port", "0"], [typeof(FaultApi), typeof(FaultOrchestrators), typeof(FaultActivities)])
        {
            Root = folder,
            HostJsonFolders = [folder],
            Output = Console.Out,
            Errors = Console.Error,
        });
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton(new EffectStore(folder));
        builder.Services.AddSingleton(_ => new TurnJournal(folder));
        builder.Services.AddScoped<Turn>();
        using IHost host = builder.Build();
        await host.StartAsync();
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static async Task<FaultHost> Start(string folder)
    {
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Switch, folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        FaultHost host = new(process);
        const string mark = "Listening on ";
        using CancellationTokenSource limit = new(StartLimit);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith(mark, StringComparison.Ordinal)) continue;
            host.Address = new Uri(line[mark.Length..]);
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return host;
        }

        throw new InvalidOperationException($"The host ended before it listened: {await host._errors}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        KilledAt ??= Stopwatch.GetTimestamp();
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }
}
