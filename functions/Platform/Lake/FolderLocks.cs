using System.IO.Hashing;
using System.Text;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// Exclusive rights on a path among the threads of this process and all other processes on the folder. The files are never deleted: a lock
/// on a deleted file would exclude nobody. The system frees the locks of a killed process.
/// </summary>
internal sealed class FolderLocks(string folder)
{
    private const int Stripes = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];

    /// <exception cref="TransientException">Another process holds the lock for too long.</exception>
    public async Task<IDisposable> AcquireAsync(LakePath path, CancellationToken cancellationToken)
    {
        var stripe = (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(path.Value)) % Stripes);
        var gate = _gates[stripe];
        await gate.WaitAsync(cancellationToken);
        try
        {
            var file = Path.Combine(folder, stripe.ToString("x2"));
            var started = TimeProvider.System.GetTimestamp();
            while (true)
            {
                try
                {
                    return new Held(gate, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
                }
                catch (IOException exception) when (exception is not DirectoryNotFoundException)
                {
                    if (TimeProvider.System.GetElapsedTime(started) > Patience)
                        throw new TransientException($"Another process keeps '{path}' locked in the storage folder.", exception);
                }

                await Task.Delay(Pause, cancellationToken);
            }
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    private sealed class Held(SemaphoreSlim gate, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
