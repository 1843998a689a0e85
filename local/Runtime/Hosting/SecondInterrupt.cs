using System.Runtime.InteropServices;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The first Ctrl-C stops in order; a second one does not wait any longer.</summary>
internal sealed class SecondInterrupt(RuntimeOptions options) : IDisposable
{
    /// <summary>128 + SIGINT, as shells have it.</summary>
    private const int Interrupted = 130;

    private PosixSignalRegistration? _registration;
    private int _count;

    public void Watch()
    {
        if (options.OwnsProcess)
        {
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => OnInterrupt());
        }
    }

    public void OnInterrupt()
    {
        if (Interlocked.Increment(ref _count) == 2)
        {
            options.Errors.WriteLine("Interrupted again: stopped without waiting for what is running.");
            options.Errors.Flush();
            options.Exit!(Interrupted);
        }
    }

    public void Dispose() => _registration?.Dispose();
}
