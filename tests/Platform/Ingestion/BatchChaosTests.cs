using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion;

public sealed class BatchChaosTests
{
    private const int Senders = 6;

    [Theory]
    [InlineData("append", 1)]
    [InlineData("append", 2)]
    [InlineData("merge", 4)]
    [InlineData("replace", 6)]
    public async Task Lost_requests_and_answers_neither_lose_nor_double_a_row(string disposition, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("dataplatform-chaos-").FullName;
        try
        {
            var chaos = new Chaos(seed, losses: 0.03) { IsOn = false };
            await using var one = new BatchBed(folder: folder, chaos: chaos);
            await using var two = new BatchBed(folder: folder, clock: one.Clock, chaos: chaos);
            await one.DefineAsync("things", $$"""
                { "writeDisposition": "{{disposition}}", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "int64"} ] }
                """);
            chaos.IsOn = true;
            var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(sender % 2 == 0 ? one : two, sender))).ToList();
            while (!senders.TrueForAll(sender => sender.IsCompleted))
            {
                await Task.WhenAny(Task.WhenAll(senders), Task.Delay(20));
                one.Clock.Advance(TimeSpan.FromSeconds(4));
                await TryAsync(() => Task.WhenAll(one.Settlement.SettleAsync(default), two.Settlement.SettleAsync(default)));
            }

            var receipts = (await Task.WhenAll(senders)).SelectMany(sent => sent).ToList();
            chaos.IsOn = false;
            one.Clock.Advance(TimeSpan.FromSeconds(31));
            await two.Settlement.SettleAsync(default);

            Assert.Equal(Senders * 4, receipts.Select(receipt => receipt.Id).Distinct().Count());
            foreach (var receipt in receipts)
                Assert.Equal(receipt, (await one.Batches.GetReceiptAsync(receipt.Id, default)) with { Started = receipt.Started });
            await foreach (var claim in one.Rows.QueryAsync<BatchClaim>(ClaimStore.RowTable, "things", "batch.", "batch.~", default))
                Assert.Fail($"{claim.Key} is left");
            foreach (var bed in new[] { one, two })
            {
                await bed.AssertBalancedAsync("things");
                Assert.Equal(receipts.Count, (await bed.Ledger.GetAsync("things", default)).Totals.Batches);
            }

            var expected = disposition switch
            {
                "append" => $"{receipts.Count * 2}|{receipts.Count}",
                "merge" => $"{receipts.Count + 1}|{receipts.Count + 1}",
                _ => "2|2",
            };
            Assert.Equal([expected], await one.QueryAsync("things", $"SELECT count(*), count(DISTINCT {(disposition == "append" ? "_batch" : "id")}) FROM t"));
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    /// <summary>Sends four batches, each until it has a receipt.</summary>
    private static async Task<IReadOnlyList<Receipt>> SendAsync(BatchBed bed, int sender)
    {
        var receipts = new List<Receipt>();
        while (receipts.Count < 4)
        {
            var number = (sender * 10) + receipts.Count;
            await TryAsync(async () => receipts.Add(await bed.PostAsync("things", $"id,v\n{number},1\n1000,{number}\n", $"key{number}")));
        }

        return receipts;
    }

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (TransientException)
        {
            // As a client: again.
        }
        catch (TerminalException failure) when (failure.Code == "BatchInProgress")
        {
            await Task.Delay(5);
        }
    }
}
