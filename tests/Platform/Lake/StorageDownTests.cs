using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>An account that does not answer, or says no.</summary>
public sealed class StorageDownTests(AzuriteFixture azurite)
{
    private static readonly LakePath SomePath = LakePath.Parse("lake/x");
    private static readonly RowKey SomeKey = new("p", "id");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_connection_is_transient_and_told_soon()
    {
        var port = ClosedPort();
        var account = new StorageAccount(StorageAddress.Parse(ConnectionString(port, new byte[64])));
        var (objects, rows) = (new BlobObjectStore(account), new AzureTableRowStore(account));
        var calls = new Func<Task>[]
        {
            () => objects.GetInfoAsync(SomePath, Cancel),
            () => objects.OpenReadAsync(SomePath, null, Cancel),
            () => objects.TryPutAsync(SomePath, default, PutCondition.IfAbsent, null, Cancel),
            () => objects.TryDeleteAsync(SomePath, null, Cancel),
            () => WriteLargeAsync(objects),
            () => ListAsync(objects),
            () => rows.GetAsync("t", SomeKey, Cancel),
            () => rows.TryInsertAsync("t", SomeKey, new byte[1], Cancel),
            () => rows.TryReplaceAsync("t", SomeKey, new byte[1], "W/\"x\"", Cancel),
            () => rows.UpsertAsync("t", SomeKey, new byte[1], Cancel),
            () => rows.TryDeleteAsync("t", SomeKey, null, Cancel),
            () => rows.TryBatchAsync("t", [RowOperation.Delete(SomeKey)], Cancel),
            () => QueryAsync(rows),
        };

        // All at once: each waits for its own tries only.
        var clock = Stopwatch.StartNew();
        var failures = await Task.WhenAll(calls.Select(call => Assert.ThrowsAsync<TransientException>(call)));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.All(failures, failure =>
        {
            Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
            Assert.Contains("does not answer", failure.Message, StringComparison.Ordinal);
            Assert.True(failure.RetryAfter > TimeSpan.Zero);
        });
    }

    [Fact]
    public async Task A_wrong_key_is_terminal_and_told_without_it()
    {
        var right = await azurite.GetStorageAsync();
        var key = Convert.ToBase64String(Enumerable.Repeat((byte)7, 64).ToArray());
        var account = new StorageAccount(StorageAddress.Parse(string.Join(
            ';', right.Split(';').Select(part => part.StartsWith("AccountKey=", StringComparison.Ordinal) ? $"AccountKey={key}" : part))));

        var onBlobs = await Assert.ThrowsAsync<TerminalException>(
            () => new BlobObjectStore(account).TryPutAsync(SomePath, default, PutCondition.IfAbsent, null, Cancel));
        var onTables = await Assert.ThrowsAsync<TerminalException>(() => new AzureTableRowStore(account).GetAsync("t", SomeKey, Cancel));
        Assert.All(new[] { onBlobs, onTables }, failure =>
        {
            Assert.Equal(("StorageDenied", FailureKind.Internal), (failure.Code, failure.Kind));
            Assert.Contains("Storage Blob Data Contributor", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(key, failure.ToString(), StringComparison.Ordinal);
        });
    }

    private static async Task WriteLargeAsync(BlobObjectStore objects)
    {
        await using var stream = await objects.OpenWriteAsync(SomePath, PutCondition.None, null, Cancel);
        await stream.WriteAsync(new byte[20 << 20], Cancel);
        await stream.CompleteAsync(Cancel);
    }

    private static async Task ListAsync(BlobObjectStore objects)
    {
        await foreach (var _ in objects.ListAsync(SomePath, null, Cancel))
        {
        }
    }

    private static async Task QueryAsync(AzureTableRowStore rows)
    {
        await foreach (var _ in rows.QueryAsync("t", "p", null, null, Cancel))
        {
        }
    }

    private static string ConnectionString(int port, byte[] key) =>
        $"DefaultEndpointsProtocol=http;AccountName=down;AccountKey={Convert.ToBase64String(key)};"
        + $"BlobEndpoint=http://127.0.0.1:{port}/down;TableEndpoint=http://127.0.0.1:{port}/down";

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
