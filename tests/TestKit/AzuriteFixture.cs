namespace DataPlatform.TestKit;

/// <summary>One Azurite for all tests of an assembly, started by the first that asks. Use it as an assembly fixture of xunit.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private readonly Lazy<Task<AzuriteProcess>> _process = new(static () => AzuriteProcess.StartAsync(CancellationToken.None));

    /// <summary>The connection string: what <c>DataPlatform:Storage</c> is for this Azurite.</summary>
    public async Task<string> GetStorageAsync() => (await _process.Value).Storage;

    public async ValueTask DisposeAsync()
    {
        if (_process.IsValueCreated && _process.Value.IsCompletedSuccessfully)
            await (await _process.Value).DisposeAsync();
    }
}
