using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Proof;

public sealed class LedgerProverTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ledger_is_proved_by_log_files_rows_and_raw_bytes()
    {
        await using var bed = await ThingsAsync();
        await bed.PostAsync("things", BatchBed.Gzip("{\"id\":1}\n{\"id\":\"x\"}\n"u8.ToArray()), "application/x-ndjson", encoding: "gzip");
        await bed.PostAsync("things", "id\n2\n3\n");
        await bed.PostAsync("things", "id\nx\n");
        await bed.Services.GetRequiredService<RecordService>().IngestAsync(
            new BatchRequest("things", "tester", null, "application/json", null, new MemoryStream("{\"id\":4}"u8.ToArray())), Token);

        var proof = await bed.ProveAsync("things", isDeep: true);

        Assert.True(proof is { Proven: true, Complete: true, UpToVersion: 3, NotProvable: null });
        Assert.Equal((4, 6, 4, 2), (proof.Totals.Batches, proof.Totals.Received, proof.Totals.Loaded, proof.Totals.Quarantined));
        Assert.Equal(
            [
                "sums: batches 4",
                "log: batches 4, received 6, ledgerReceived 6",
                "files: commits 4, files 3, rows 4, loaded 4, filesGone 0",
                "rows: batches 4, rows 4, loaded 4",
                $"raw: batches 4, bytes {proof.Totals.Bytes}, hashed 3, notHashed 0",
            ],
            proof.Checks.Select(check => $"{check.Name}: {string.Join(", ", check.Figures.Select(figure => $"{figure.Key} {figure.Value}"))}"));
    }

    [Theory]
    [InlineData("replace")]
    [InlineData("merge")]
    public async Task Replaced_and_merged_rows_are_proved_too(string disposition)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "writeDisposition": "{{disposition}}", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }""");
        await bed.PostAsync("things", "id,v\n1,a\n2,b\n3,c\n");
        await bed.PostAsync("things", "id,v\n2,B\n2,BB\n4,D\n");
        await bed.PostAsync("things", "id,v\n1,A\n");

        var proof = await bed.ProveAsync("things", isDeep: true);

        Assert.Empty(proof.Checks.SelectMany(check => check.Differences));
        Assert.True(proof.Proven);
    }

    [Fact]
    public async Task Nothing_is_proved_of_versions_that_are_still_to_come()
    {
        await using var bed = await ThingsAsync();
        await bed.PostAsync("things", "id\n1\n");

        Assert.True((await ProveAsync(bed, LedgerRange.All, after: 0)).Complete);
        Assert.Equal("InvalidQueryOption", (await Assert.ThrowsAsync<TerminalException>(() => ProveAsync(bed, LedgerRange.All, after: 1))).Code);
    }

    [Fact]
    public async Task What_does_not_balance_is_named_by_batch()
    {
        await using var bed = await ThingsAsync();
        var receipts = new List<Receipt>();
        for (var i = 0; i < 6; i++)
            receipts.Add(await bed.PostAsync("things", $"id\n{i}\n{i}\n"));
        var entries = receipts.ToDictionary(receipt => receipt.Id, receipt => new RowKey("things", receipt.Id));

        // A ledger row that is lost, one that says something else, one that does not add up, one of a batch that never was.
        await bed.Rows.TryDeleteAsync(Ledger.RowTable, entries[receipts[0].Id], null, Token);
        var second = (await bed.Rows.GetAsync<LedgerEntry>(Ledger.RowTable, entries[receipts[1].Id], Token))!;
        await bed.Rows.UpsertAsync(Ledger.RowTable, second.Key, second.Value with { Received = 3, Loaded = 3 }, Token);
        var third = (await bed.Rows.GetAsync<LedgerEntry>(Ledger.RowTable, entries[receipts[2].Id], Token))!;
        await bed.Rows.UpsertAsync(Ledger.RowTable, third.Key, third.Value with { Loaded = 1 }, Token);
        var stray = BatchId.Create("things", Noon);
        await bed.Rows.UpsertAsync(Ledger.RowTable, new RowKey("things", stray), third.Value with { TableVersion = 3 }, Token);

        // Raw bytes that are gone or others, a data file that is gone.
        await bed.Objects.TryDeleteAsync(LakePath.Parse(receipts[3].Raw!), null, Token);
        await bed.Objects.TryPutAsync(LakePath.Parse(receipts[4].Raw!), "id\n4\n5\n"u8.ToArray(), PutCondition.None, "text/csv", Token);
        var file = Assert.Single((await CommitAsync(bed, 5)).Added);
        await bed.Objects.TryDeleteAsync(DataFiles.Locate(new TableName(TableKind.Dataset, "things"), file), null, Token);

        var proof = await bed.ProveAsync("things", isDeep: true);

        Assert.False(proof.Proven);
        Assert.Equal([receipts[2].Id], Batches(proof, "sums"));
        Assert.Equal(
            new[] { receipts[0].Id, receipts[1].Id, receipts[2].Id, stray }.Order(StringComparer.Ordinal), Batches(proof, "log").Order(StringComparer.Ordinal));
        Assert.Equal([receipts[3].Id, receipts[4].Id], Batches(proof, "raw"));
        var missing = Assert.Single(Check(proof, "files").Differences);
        Assert.Equal((null, 5L), (missing.Batch, missing.TableVersion));
        Assert.True(Check(proof, "rows").Passed);
    }

    [Fact]
    public async Task A_file_with_other_rows_than_loaded_is_found_by_its_footer_and_its_rows()
    {
        await using var bed = await ThingsAsync();
        var first = await bed.PostAsync("things", "id\n1\n2\n");
        await bed.PostAsync("things", "id\n3\n");
        var table = new TableName(TableKind.Dataset, "things");
        var (mine, other) = (Assert.Single((await CommitAsync(bed, 0)).Added), Assert.Single((await CommitAsync(bed, 1)).Added));

        // The other batch's file, made as long as its own: the footer is where it should be.
        var content = new byte[mine.Size];
        await using (var stream = await bed.Objects.OpenReadAsync(DataFiles.Locate(table, other), null, Token))
        {
            Assert.True(other.Size <= mine.Size);
            content.AsSpan(0, 4).Fill((byte)'P');
            await stream.ReadExactlyAsync(content.AsMemory((int)(mine.Size - other.Size)), Token);
        }

        await bed.Objects.TryPutAsync(DataFiles.Locate(table, mine), content, PutCondition.None, null, Token);
        var proof = await bed.ProveAsync("things");

        Assert.Contains(Check(proof, "files").Differences, difference => difference.Batch == first.Id && difference.TableVersion == 0);
    }

    [Fact]
    public async Task Part_of_the_time_is_proved_by_itself()
    {
        await using var bed = await ThingsAsync();
        List<Receipt> receipts = [];
        for (var i = 0; i < 5; i++)
        {
            bed.Clock.SetUtcNow(Noon.AddHours(i));
            receipts.Add(await bed.PostAsync("things", $"id\n{i}\n"));
        }

        await bed.Rows.TryDeleteAsync(Ledger.RowTable, new RowKey("things", receipts[4].Id), null, Token);
        var part = await ProveAsync(bed, new LedgerRange(Noon.AddHours(1), Noon.AddHours(3)));
        var rest = await ProveAsync(bed, new LedgerRange(Noon.AddHours(3)));

        Assert.Equal((true, 2, 2), (part.Proven, part.Totals.Batches, Check(part, "log").Figures["batches"]));
        Assert.Equal([receipts[4].Id], Batches(rest, "log"));
    }

    [Fact]
    public async Task A_proof_that_runs_out_of_time_goes_on_where_it_stopped()
    {
        await using var bed = await ThingsAsync();
        for (var i = 0; i < 230; i++)
            await bed.PostAsync("things", $"id\n{i}\n");

        var services = bed.Services;
        var prover = new LedgerProver(
            bed.Ledger, services.GetRequiredService<ReceiptProjection>(), services.GetRequiredService<DeltaTables>(), services.GetRequiredService<TableLineage>(),
            services.GetRequiredService<FileProof>(), services.GetRequiredService<RawProof>(), TimeProvider.System)
        {
            Budget = TimeSpan.Zero,
        };
        List<LedgerProof> proofs = [];
        do
            proofs.Add(await prover.ProveAsync(new ProofRequest("things", LedgerRange.All, proofs.LastOrDefault()?.UpToVersion ?? -1, IsDeep: true), Token));
        while (!proofs[^1].Complete);

        Assert.Equal([99L, 199L, 229L], proofs.Select(proof => proof.UpToVersion));
        Assert.Equal([false, false, true], proofs.Select(proof => proof.Proven));
        Assert.Equal(230, proofs.Sum(proof => Check(proof, "log").Figures["batches"]));
        Assert.All(proofs, proof => Assert.All(proof.Checks, check => Assert.True(check.Passed)));
    }

    [Fact]
    public async Task What_is_older_than_the_log_is_not_provable_and_no_difference()
    {
        await using var bed = await ThingsAsync();
        await bed.PostAsync("things", "id\n1\n2\n");
        await bed.PostAsync("things", "id\n3\n");
        for (var i = 0; i < 300; i++)
            await bed.Table("things").CommitAsync(new TableChange { Operation = "OPTIMIZE", Columns = [], DataChange = false, OperationId = $"o/{i}" }, Token);
        await bed.PostAsync("things", "id\n4\n");
        await bed.ProveAsync("things");
        for (var version = 0; version < 10; version++)
            await bed.Objects.TryDeleteAsync(new TableName(TableKind.Dataset, "things").Root.Append($"_delta_log/{version:D20}.json"), null, Token);

        var proof = await bed.ProveAsync("things");
        var newer = await ProveAsync(bed, LedgerRange.All, after: 9);

        Assert.Equal((2, 3, 9), (proof.NotProvable?.Batches, proof.NotProvable?.Received, proof.NotProvable?.UpToVersion));
        Assert.Contains("up to version 9", proof.NotProvable!.Message, StringComparison.Ordinal);
        Assert.Empty(proof.Checks.SelectMany(check => check.Differences));
        Assert.Equal((false, 4), (proof.Proven, proof.Totals.Received));
        Assert.Equal((true, 1), (newer.Proven, newer.Totals.Received));
    }

    private static async Task<BatchBed> ThingsAsync()
    {
        var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64", "required": true} ] }""");
        return bed;
    }

    private static Task<LedgerProof> ProveAsync(BatchBed bed, LedgerRange range, long after = -1) =>
        bed.Services.GetRequiredService<LedgerProver>().ProveAsync(new ProofRequest("things", range, after), Token);

    private static async Task<Commit> CommitAsync(BatchBed bed, long version)
    {
        await foreach (var commit in bed.Table("things").ReadCommitsAsync(version - 1, version, Token))
            return commit;
        throw new InvalidOperationException("There is no such version.");
    }

    private static ProofCheck Check(LedgerProof proof, string name) => proof.Checks.Single(check => check.Name == name);

    private static IEnumerable<string?> Batches(LedgerProof proof, string check) => Check(proof, check).Differences.Select(difference => difference.Batch);
}
