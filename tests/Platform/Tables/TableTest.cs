using System.Text;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>A fresh store and "processes" that share it.</summary>
public abstract class TableTest : IDisposable
{
    protected TestStore Store { get; } = new();

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What one process has; each has its own committer and cache.</summary>
    protected DeltaTables Process(IObjectStore? objects = null) => new(objects ?? Store.Objects, Clock, NullLoggerFactory.Instance);

    protected async Task WriteLogAsync(TableName table, long version, string text) => Assert.NotNull(await Store.Objects.TryPutAsync(
        LogPath(table, version), Encoding.UTF8.GetBytes(text), PutCondition.IfAbsent, null, Token));

    protected async Task<string> ReadLogAsync(TableName table, long version)
    {
        using var reader = new StreamReader(await Store.Objects.OpenReadAsync(LogPath(table, version), null, Token));
        return await reader.ReadToEndAsync(Token);
    }

    protected static LakePath LogPath(TableName table, long version) => table.Root.Append($"_delta_log/{version:D20}.json");

    public void Dispose()
    {
        Store.Dispose();
        GC.SuppressFinalize(this);
    }
}
