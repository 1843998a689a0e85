using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class QuarantineDismissalTests
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int32", "required": true}, {"name": "n", "type": "int32", "min": 0} ] }""";

    [Fact]
    public async Task Rows_are_given_up_once_and_are_never_replayed()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        var parent = await bed.PostAsync("things", "id,n\n1,x\n2,-1\n3,y\n4,1\n");
        var cause = (await bed.TryAsync("{}")).Result.Remaining.Single(cause => cause.Rule == "type").Id;
        var request = $"{{\"cause\": \"{cause}\", \"reason\": \"test data\"}}";
        var dismissal = await bed.DismissAsync(request, "key");

        Assert.Equal((2L, 1, "test data"), (dismissal.Dismissed, dismissal.Batches, dismissal.Reason));
        Assert.Equal("1 0 2", await bed.CountsAsync(parent));
        Assert.Equal(dismissal, await bed.DismissAsync(request, "key"));
        Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => bed.DismissAsync("""{"reason": "other"}""", "key"))).Code);
        Assert.Equal((0L, (long?)null), ((await bed.DismissAsync(request)).Dismissed, (await bed.DismissAsync(request)).TableVersion));
        Assert.Equal("recovers 1 of 1", (await bed.ReplayAsync("""{"patch": {"set": {"n": 0}}}""")).Result.Summary);
        Assert.Equal(["2", "4"], await bed.QueryAsync("things", "SELECT id FROM t ORDER BY id"));
        Assert.Equal("0 1 2", await bed.CountsAsync(parent));
        Assert.Empty((await bed.Services.GetRequiredService<QuarantineService>().ListAsync("things", new(), null, 10, default)).Causes);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_dismissal_that_is_committed_without_its_row_is_found()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        await bed.PostAsync("things", "id\nx\ny\n");
        var done = await bed.DismissAsync("""{"reason": "r"}""", "key");
        await bed.Rows.UpsertAsync("replays", new Lake.RowKey("things", $"dismissal.{done.Id}"),
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(done with { HasEnded = false, Dismissed = 0, Batches = 0, TableVersion = null }, PlatformJson.Options), default);

        Assert.Equal(done, await bed.DismissAsync("""{"reason": "r"}""", "key"));
        Assert.Equal(1, (await bed.SnapshotAsync("things")).Version);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"reason": ""}""")]
    [InlineData("""{"reason": "r", "patch": {}}""")]
    [InlineData("""{"reason": "r", "batches": ["x"]}""")]
    [InlineData("[")]
    public async Task Requests_are_read_strictly(string request)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract);
        Assert.Equal("InvalidDismissal", (await Assert.ThrowsAsync<TerminalException>(() => bed.DismissAsync(request))).Code);
    }

    [Fact]
    public async Task Rows_that_have_lived_their_time_count_as_dismissed_and_their_files_go()
    {
        await using var bed = new BatchBed(configure: options => options.QuarantineRetention = TimeSpan.FromDays(10));
        await bed.DefineAsync("things", Contract);
        var old = await bed.PostAsync("things", "id\nx\n1\ny\n");
        await bed.ReplayAsync("""{"patch": {"expressions": {"id": "CASE WHEN value = 'x' THEN '7' ELSE value END"}}}""");
        bed.Clock.Advance(TimeSpan.FromDays(6));
        var young = await bed.PostAsync("things", "id\nx\n");
        bed.Clock.Advance(TimeSpan.FromDays(5));
        var retention = bed.Services.GetRequiredService<QuarantineRetention>();
        await retention.PurgeAsync(default);
        await retention.PurgeAsync(default);

        Assert.Equal(("0 1 1", "1 0 0"), (await bed.CountsAsync(old), await bed.CountsAsync(young)));
        Assert.Null(await bed.Objects.GetInfoAsync(Lake.LakePath.Parse(old.Quarantine!), default));
        Assert.NotNull(await bed.Objects.GetInfoAsync(Lake.LakePath.Parse(young.Quarantine!), default));
        Assert.Equal("QuarantineExpired", (await Assert.ThrowsAsync<TerminalException>(() => bed.Batches.OpenQuarantineAsync("things", old.Id, default))).Code);
        Assert.Equal(1, (await bed.TryAsync("""{"patch": {"set": {"id": 1}}}""")).Result.Selected);
        await bed.AssertBalancedAsync("things");

        // An index made anew knows it too.
        await bed.Rows.TryDeleteAsync("projections", new("things", "quarantine"), null, default);
        await foreach (var row in bed.Rows.QueryAsync(QuarantineIndex.RowTable, "things", null, null, default))
            await bed.Rows.TryDeleteAsync(QuarantineIndex.RowTable, row.Key, null, default);
        await using var again = new BatchBed(folder: Path.GetDirectoryName(bed.StoreFolder)!, clock: bed.Clock);
        Assert.Equal("0 1 1", await again.CountsAsync(old));
    }
}
