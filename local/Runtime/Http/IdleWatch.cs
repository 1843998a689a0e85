using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Watches a request for a byte in either direction: the official host gives one up that is silent for four minutes. Once the
/// answer has begun it is left alone.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly TimeSpan _limit;
    private readonly HttpContext _http;
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private long _lastByte;

    public IdleWatch(HttpContext http, TimeSpan limit, TimeProvider clock)
    {
        _clock = clock;
        _limit = limit;
        _http = http;
        _lastByte = clock.GetTimestamp();
        _source = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        _timer = clock.CreateTimer(_ => Check(), null, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires when the request is given up, or the client goes away.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the silence was too long.</summary>
    public bool IsOver { get; private set; }

    /// <summary>A part of the body has arrived.</summary>
    public void Received() => Volatile.Write(ref _lastByte, _clock.GetTimestamp());

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Check()
    {
        var left = _limit - _clock.GetElapsedTime(Volatile.Read(ref _lastByte));
        try
        {
            if (left > TimeSpan.Zero || Debugger.IsAttached)
            {
                _timer.Change(left > TimeSpan.Zero ? left : _limit, Timeout.InfiniteTimeSpan);
            }
            else if (!_http.Response.HasStarted)
            {
                IsOver = true;
                _source.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // The request ended just now.
        }
    }
}
