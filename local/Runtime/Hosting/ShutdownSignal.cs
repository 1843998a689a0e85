using Microsoft.Extensions.Hosting;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Fires when a shutdown's grace is over: running functions had their time to finish and are asked to stop.</summary>
internal sealed class ShutdownSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _grace;
    private ITimer? _timer;

    public ShutdownSignal(IHostApplicationLifetime lifetime, RuntimeSettings settings, TimeProvider clock)
    {
        _clock = clock;
        _grace = settings.ShutdownGrace;
        _registration = lifetime.ApplicationStopping.Register(Start);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Start() => _timer = _clock.CreateTimer(_ => Fire(), null, _grace, Timeout.InfiniteTimeSpan);

    private void Fire()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The host was gone before the grace was over.
        }
    }
}
