using DataPlatform.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>Processes that share a store and a clock.</summary>
public abstract class TriggerTest(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-triggers-").FullName;
    private readonly List<TriggerBed> _beds = [];

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero));

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="azure">Whether over Azurite, else over a folder.</param>
    private protected async Task<TriggerBed> ProcessAsync(bool azure = false)
    {
        var bed = new TriggerBed(azure ? await azurite.GetStorageAsync() : $"folder:{_folder}", Clock);
        _beds.Add(bed);
        return bed;
    }

    /// <summary>A name that no other test on the same account has.</summary>
    protected static string Name(string stem) => $"{stem}_{Guid.NewGuid():n}"[..(stem.Length + 13)];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var bed in _beds)
            await bed.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
        GC.SuppressFinalize(this);
    }
}
