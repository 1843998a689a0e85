using System.Runtime.CompilerServices;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Stores whose requests and answers get lost now and then: what was asked for was done, or not, and nobody knows.</summary>
internal sealed class Chaos(int seed, double losses)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public bool IsOn { get; set; } = true;

    public void Reach(IServiceCollection services)
    {
        var objects = services.Last(service => service.ServiceType == typeof(IObjectStore)).ImplementationFactory!;
        var rows = services.Last(service => service.ServiceType == typeof(IRowStore)).ImplementationFactory!;
        services.AddSingleton<IObjectStore>(provider => new Objects((IObjectStore)objects(provider), this));
        services.AddSingleton<IRowStore>(provider => new Rows((IRowStore)rows(provider), this));
    }

    private void Lose(string what)
    {
        lock (_gate)
        {
            if (IsOn && _random.NextDouble() < losses)
                throw new TransientException($"The {what} was lost.");
        }
    }

    private async Task<T> DoAsync<T>(Func<Task<T>> work)
    {
        Lose("request");
        var result = await work();
        Lose("answer");
        return result;
    }

    private sealed class Objects(IObjectStore inner, Chaos chaos) : IObjectStore
    {
        public Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.GetInfoAsync(path, cancellationToken));

        public Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.OpenReadAsync(path, range, cancellationToken));

        public Task<Stream?> TryOpenReadAsync(ObjectInfo described, ByteRange? range, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryOpenReadAsync(described, range, cancellationToken));

        public Task<ObjectWriteStream> OpenWriteAsync(
            LakePath path, PutCondition condition, string? contentType, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken) =>
            chaos.DoAsync<ObjectWriteStream>(async () => new Target(await inner.OpenWriteAsync(path, condition, contentType, metadata, cancellationToken), chaos));

        public Task<ObjectInfo?> TryPutAsync(
            LakePath path, ReadOnlyMemory<byte> content, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryPutAsync(path, content, condition, contentType, cancellationToken));

        public Task<ObjectWriteStream> OpenWriteAsync(
            LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken) =>
            chaos.DoAsync<ObjectWriteStream>(async () => new Target(await inner.OpenWriteAsync(path, condition, contentType, cancellationToken), chaos));

        public Task<ObjectInfo?> TryCopyAsync(
            LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryCopyAsync(source, etag, target, condition, cancellationToken));

        public Task<bool> TryDeleteAsync(LakePath path, string? etag, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryDeleteAsync(path, etag, cancellationToken));

        public IAsyncEnumerable<ObjectInfo> ListAsync(LakePath prefix, LakePath? after, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, after, cancellationToken);

        public string? TryGetLocalFile(LakePath path) => inner.TryGetLocalFile(path);
    }

    private sealed class Target(ObjectWriteStream inner, Chaos chaos) : ObjectWriteStream
    {
        public override Task<ObjectInfo?> CompleteAsync(CancellationToken cancellationToken) => chaos.DoAsync(() => inner.CompleteAsync(cancellationToken));

        public override void Flush() => inner.Flush();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class Rows(IRowStore inner, Chaos chaos) : IRowStore, IDisposable
    {
        public Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.GetAsync(table, key, cancellationToken));

        public Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryInsertAsync(table, key, value, cancellationToken));

        public Task<Row?> TryReplaceAsync(string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryReplaceAsync(table, key, value, etag, cancellationToken));

        public Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.UpsertAsync(table, key, value, cancellationToken));

        public Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryDeleteAsync(table, key, etag, cancellationToken));

        public Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken) =>
            chaos.DoAsync(() => inner.TryBatchAsync(table, operations, cancellationToken));

        public async IAsyncEnumerable<Row> QueryAsync(
            string table, string partition, string? after, string? upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            chaos.Lose("request");
            await foreach (var row in inner.QueryAsync(table, partition, after, upTo, cancellationToken))
                yield return row;
        }

        public void Dispose() => (inner as IDisposable)?.Dispose();
    }
}
