using System.Text.Json;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>Keeps the status of monitored timers and who runs them, as files below the runtime's state folder.</summary>
internal sealed class TimerStore(RuntimeSettings settings, ILogger<TimerStore> logger)
{
    private readonly string _folder = Path.Combine(settings.StateFolder, "timers");

    /// <summary>Takes a timer for this process, until the result is disposed or the process ends.</summary>
    /// <returns>Null when another process has it.</returns>
    public IDisposable? TryOwn(string function)
    {
        Directory.CreateDirectory(_folder);
        try
        {
            return new FileStream(FileOf(function, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task<ScheduleStatus?> LoadAsync(string function, CancellationToken cancellationToken)
    {
        var file = FileOf(function, "json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            await using var stream = File.OpenRead(file);
            return await JsonSerializer.DeserializeAsync<ScheduleStatus>(stream, cancellationToken: cancellationToken);
        }
        catch (JsonException exception)
        {
            Log.StatusUnreadable(logger, exception, file);
            return null;
        }
    }

    public async Task SaveAsync(string function, ScheduleStatus status)
    {
        Directory.CreateDirectory(_folder);
        var file = FileOf(function, "json");
        var fresh = file + ".new";
        await using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await JsonSerializer.SerializeAsync(stream, status);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }

    // Function names are letters, digits, '_' and '-', and differ ignoring case.
    private string FileOf(string function, string extension) => Path.Combine(_folder, $"{function.ToLowerInvariant()}.{extension}");
}
