using System.Runtime.InteropServices;

namespace DataPlatform.Lake;

/// <summary>What a durable, atomic publication of files needs and .NET does not offer.</summary>
internal static partial class FolderCalls
{
    private const int FileExists = 17;
    private const int CloseOnExecLinux = 0x80000;

    /// <summary>Gives a complete file its name, unless the name is taken: of many callers, in any number of processes, one wins.</summary>
    /// <returns>False when the name is taken.</returns>
    public static bool TryPublish(string temporary, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(temporary, target, overwrite: false);
                return true;
            }
            catch (IOException) when (File.Exists(target))
            {
                return false;
            }
        }

        // link(2) rather than File.Move: where linking fails, that falls back to a copy, which readers would see half done.
        if (Link(temporary, target) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        if (error == FileExists)
            return false;
        throw new IOException($"Linking a file into the storage folder failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    /// <summary>Makes the names in a folder durable. Windows journals them by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        var descriptor = Open(folder, OperatingSystem.IsLinux() ? CloseOnExecLinux : 0, 0);
        var failed = descriptor < 0 || FSync(descriptor) != 0;
        var error = failed ? Marshal.GetLastPInvokeError() : 0;
        if (descriptor >= 0)
            _ = Close(descriptor);
        if (failed)
            throw new IOException($"Syncing a folder of the storage folder failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string created);

    // open(2) is variadic: the unused mode keeps the call right where those pass arguments differently.
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
