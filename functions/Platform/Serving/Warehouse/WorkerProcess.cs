using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DataPlatform.Serving.Warehouse;

/// <summary>A running worker, and the folder of its temporary files.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>What a worker inherits of our environment: where libraries are, and no setting of ours.</summary>
    private static readonly string[] Inherited = ["LD_LIBRARY_PATH", "DOTNET_ROOT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "SystemRoot"];

    private readonly Process _process;
    private readonly string _folder;

    private WorkerProcess(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>How many queries it was given.</summary>
    public int Uses { get; set; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="folder">An empty folder of its own.</param>
    public static WorkerProcess Start(QueryWorkerProgram program, string folder, PlatformOptions options)
    {
        var start = new ProcessStartInfo(Runtime())
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in (string[])[
            "exec", program.Assembly, QueryWorker.Argument, Number(options.QueryMemoryBytes), Number(options.QueryTemporaryBytes)])
        {
            start.ArgumentList.Add(argument);
        }

        var environment = start.Environment;
        environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment[name] = value;
        }

        environment["TMPDIR"] = folder;
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_GCHeapHardLimit"] = "0x8000000";
        environment["DOTNET_TieredPGO"] = "0";
        environment["MALLOC_ARENA_MAX"] = "2";
        var process = Process.Start(start)!;

        // A full pipe would stop it; what a dying runtime says may quote anything, so nobody reads it.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new WorkerProcess(process, folder);
    }

    public ValueTask SendAsync(WorkerRequest request, CancellationToken cancellationToken) =>
        Frames.WriteAsync(_process.StandardInput.BaseStream, FrameKind.Request, request, cancellationToken);

    public ValueTask<(FrameKind Kind, byte[] Content)> ReceiveAsync(CancellationToken cancellationToken) =>
        Frames.ReadAsync(_process.StandardOutput.BaseStream, cancellationToken);

    public static T Read<T>(byte[] content) => JsonSerializer.Deserialize<T>(content, PlatformJson.Options)!;

    /// <summary>Ends it at once, whatever it does, and removes its files.</summary>
    public void Dispose()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The <c>dotnet</c> of the runtime that runs us, whatever program hosts it.</summary>
    private static string Runtime()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var dotnet = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(dotnet) ? dotnet : "dotnet";
    }
}
