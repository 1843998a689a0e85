using System.Collections.Concurrent;
using System.Net;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A fetcher into a folder, which may fetch from loopback.</summary>
internal sealed class FetchBed : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-fetch-").FullName;
    private readonly ConcurrentQueue<FetchProgress> _noted = new();
    private readonly UrlFetcher _fetcher;

    public FetchBed(
        FetchLimits? limits = null, string allow = "127.0.0.1", Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, TimeProvider? clock = null)
    {
        Objects = new FolderObjectStore(_folder, NullLogger<FolderObjectStore>.Instance);
        var policy = new FetchPolicy(new PlatformOptions { FetchHttp = true, FetchPorts = "*", FetchAllow = allow });
        _fetcher = new UrlFetcher(Objects, policy, limits ?? Fast, resolve ?? Dns.GetHostAddressesAsync, clock ?? TimeProvider.System, Logs);
    }

    public static FetchLimits Fast { get; } = FetchLimits.Default with { FirstDelay = TimeSpan.FromMilliseconds(1), PartBytes = 100_000 };

    public LogLines<UrlFetcher> Logs { get; } = new();

    public FolderObjectStore Objects { get; }

    public LakePath Folder { get; } = LakePath.Parse("lake/uploads/orders/1/parts");

    /// <summary>What was noted on the way.</summary>
    public IReadOnlyList<FetchProgress> Noted => [.. _noted];

    public Task<FetchCheckpoint> FetchAsync(string url, FetchCheckpoint? resume = null, CancellationToken cancellationToken = default) =>
        FetchAsync(new FetchRequest { Url = url }, resume, cancellationToken);

    public Task<FetchCheckpoint> FetchAsync(FetchRequest request, FetchCheckpoint? resume = null, CancellationToken cancellationToken = default) =>
        _fetcher.FetchAsync(request, Folder, resume, NoteAsync, cancellationToken);

    public Task<TerminalException> FailAsync(string url) => FailAsync(new FetchRequest { Url = url });

    public Task<TerminalException> FailAsync(FetchRequest request) => Assert.ThrowsAsync<TerminalException>(() => FetchAsync(request));

    public async Task<byte[]> ReadAsync(FetchCheckpoint checkpoint)
    {
        await using var stream = _fetcher.Open(Folder, checkpoint);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    public ValueTask DisposeAsync()
    {
        _fetcher.Dispose();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
        return ValueTask.CompletedTask;
    }

    private Task NoteAsync(FetchProgress progress, CancellationToken cancellationToken)
    {
        _noted.Enqueue(progress);
        return Task.CompletedTask;
    }
}
