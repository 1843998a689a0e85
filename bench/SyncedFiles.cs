using System.Runtime.InteropServices;

namespace DataPlatform.Bench;

/// <summary>Files and names that outlast a power cut, by the calls of the system themselves: what baselines need to do the same durable work.</summary>
internal static partial class SyncedFiles
{
    private const int FileExists = 17;

    /// <summary>Syncs a file's content, and its name in its folder.</summary>
    public static void Flush(string file)
    {
        Sync(file);
        Sync(Path.GetDirectoryName(file)!);
    }

    /// <summary>Writes a file under a name that nobody has: content synced, then linked, then the folder synced. Readers never see half of it.</summary>
    /// <returns>False when the name is taken.</returns>
    public static bool TryCreate(string file, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(file)!;
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
        using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        var failed = Link(temporary, file) != 0;
        var error = failed ? Marshal.GetLastPInvokeError() : 0;
        File.Delete(temporary);
        if (failed)
            return error == FileExists ? false : throw Failure("link", error);
        Sync(folder);
        return true;
    }

    private static void Sync(string path)
    {
        var descriptor = Open(path, 0, 0);
        if (descriptor < 0)
            throw Failure("open", Marshal.GetLastPInvokeError());
        var failed = FSync(descriptor) != 0;
        var error = failed ? Marshal.GetLastPInvokeError() : 0;
        _ = Close(descriptor);
        if (failed)
            throw Failure("fsync", error);
    }

    private static IOException Failure(string call, int error) => new($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)}.");

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
