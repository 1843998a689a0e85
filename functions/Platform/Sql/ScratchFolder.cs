using System.Globalization;
using DataPlatform.Failures;
using Microsoft.Extensions.Options;

namespace DataPlatform.Sql;

/// <summary>
/// This process's own folder below <see cref="PlatformOptions.Scratch"/>, for caches, spools and files on their way to the store.
/// A lock file marks it as in use, so that the next process to start removes what a killed one left behind.
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    private const string LockName = "in-use";
    private readonly FileStream _lock;
    private long _files;

    /// <exception cref="TerminalException"><c>ScratchNotUsable</c>: the folder cannot be created or written.</exception>
    public ScratchFolder(IOptions<PlatformOptions> options)
    {
        var root = RootOf(options.Value.Scratch, AzureSite.HasOfficialHost);
        Path = System.IO.Path.Combine(root, $"p-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(root);
            RemoveAbandoned(root);
            Directory.CreateDirectory(Path);
            _lock = new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "ScratchNotUsable",
                $"The scratch folder '{root}' cannot be created or written: give DataPlatform:Scratch a local folder that this process may write.",
                "DataPlatform:Scratch",
                innerException: exception);
        }
    }

    public string Path { get; }

    /// <summary>A folder below this one, made when it is not there.</summary>
    public string Folder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>A name that no other call gets, in the folder <paramref name="folder"/>; nothing is created.</summary>
    public string NewName(string folder, string extension) =>
        System.IO.Path.Combine(
            Folder(folder), Interlocked.Increment(ref _files).ToString("x8", CultureInfo.InvariantCulture) + extension);

    public void Dispose()
    {
        _lock.Dispose();
        TryDelete(Path);
    }

    /// <summary>A relative path is one below the working folder. On the official host that is the app's own: in Azure read-only or on a share, and
    /// anywhere the host restarts when it sees a new folder there. So there it is one below the temporary folder.</summary>
    internal static string RootOf(string scratch, bool onOfficialHost) =>
        System.IO.Path.GetFullPath(onOfficialHost ? System.IO.Path.Combine(System.IO.Path.GetTempPath(), scratch) : scratch);

    private static void RemoveAbandoned(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, "p-*"))
        {
            var marker = System.IO.Path.Combine(folder, LockName);
            try
            {
                // Another process may stand between making its folder and locking it: folders without a marker are given a day.
                if (!File.Exists(marker) && Directory.GetLastWriteTimeUtc(folder) > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1))
                    continue;
                if (File.Exists(marker))
                    new FileStream(marker, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            }
            catch (IOException)
            {
                continue;
            }

            TryDelete(folder);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another starting process removed it first.
        }
        catch (IOException)
        {
            // A file is still open; the next start removes the folder.
        }
    }
}
