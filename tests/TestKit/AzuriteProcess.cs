using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace DataPlatform.TestKit;

/// <summary>An Azurite of its own: free ports, a fresh folder, data on disk. Disposing stops it as SIGTERM does and removes the folder.</summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    // Azurite lives as long as its standard input: it never outlives a test process that was killed.
    private const string Launcher =
        "process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGTERM'));"
        + "process.argv.splice(1, 0, 'azurite'); require(process.env.AZURITE_SCRIPT);";

    private const string Account = "devstoreaccount1";

    // The key every Azurite has; it is public.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _folder;

    private AzuriteProcess(Process process, string folder, string blobs, string tables)
    {
        _process = process;
        _folder = folder;
        Storage = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint={blobs}/{Account};TableEndpoint={tables}/{Account}";
    }

    /// <summary>The connection string: what <c>DataPlatform:Storage</c> is for this Azurite.</summary>
    public string Storage { get; }

    /// <exception cref="InvalidOperationException">Azurite is not installed, or did not start; says what to do.</exception>
    public static async Task<AzuriteProcess> StartAsync(CancellationToken cancellationToken)
    {
        var script = Path.Combine(Repository.Root, "node_modules", "azurite", "dist", "src", "azurite.js");
        if (!File.Exists(script))
            throw new InvalidOperationException("Azurite is not installed: run `npm ci` at the root of the repository.");

        var folder = Directory.CreateTempSubdirectory("dataplatform-azurite-").FullName;
        var start = new ProcessStartInfo("node")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["AZURITE_SCRIPT"] = script;
        foreach (var argument in new[]
        {
            "-e", Launcher, "--", "--location", folder, "--disableTelemetry", "--skipApiVersionCheck", "--silent",
            "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StartPatience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var (blobs, tables) = await ReadAddressesAsync(process, errors, patience.Token);
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new AzuriteProcess(process, folder, blobs, tables);
        }
        catch
        {
            await StopAsync(process, folder);
            throw;
        }
    }

    public ValueTask DisposeAsync() => StopAsync(_process, _folder);

    private static async Task<(string Blobs, string Tables)> ReadAddressesAsync(
        Process process, Task<string> errors, CancellationToken cancellationToken)
    {
        string? blobs = null, tables = null;
        var said = new StringBuilder();
        while (blobs is null || tables is null)
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException($"Azurite did not start:\n{said}{await errors}");
            said.AppendLine(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                if (match.Groups["service"].Value == "Blob")
                    blobs = match.Groups["address"].Value;
                if (match.Groups["service"].Value == "Table")
                    tables = match.Groups["address"].Value;
            }
        }

        return (blobs, tables);
    }

    private static async ValueTask StopAsync(Process process, string folder)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex(@"Azurite (?<service>\w+) service is successfully listening at (?<address>http://\S+)", RegexOptions.None, 1000)]
    private static partial Regex Listening();
}
