using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class LedgerTests
{
    [Fact]
    public async Task What_was_received_stays_accounted_for_when_the_dataset_is_deleted()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", "nothing,known\n1,2\n3,4\n");
        await bed.Services.GetRequiredService<CatalogStore>().DeleteAsync<DatasetDefinition>("things", etag: null, TestContext.Current.CancellationToken);

        var ledger = await bed.Ledger.GetAsync("things", TestContext.Current.CancellationToken);

        Assert.Equal((true, 2), (ledger.Balanced, ledger.Totals.Received));
    }

    [Theory]
    [InlineData("never")]
    [InlineData("../never")]
    public async Task A_dataset_that_never_was_is_not_found(string name)
    {
        await using var bed = new BatchBed();
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Ledger.GetAsync(name, TestContext.Current.CancellationToken));
        Assert.Equal("DatasetNotFound", failure.Code);
    }
}
