using System.Globalization;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>Random batches of random keys at random times, some at once, some again, over a store that loses answers or not, against what a
/// window means: no two rows of a key are nearer to each other than the window, and each row that was left out has its reason in the table.</summary>
public sealed class DedupePropertiesTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.0)]
    [InlineData(3, 0.02)]
    public async Task Each_key_counts_once_within_the_window(int seed, double losses)
    {
        seed = IsLong ? Random.Shared.Next() : seed;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("dataplatform-dedupe-").FullName;
        try
        {
            var chaos = new Chaos(seed, losses) { IsOn = false };
            var limits = IngestionLimits.Default with { BlockRows = 8, FileKeys = 16 };
            await using var one = new BatchBed(limits, folder, chaos: chaos);
            await using var two = new BatchBed(limits, folder, one.Clock, chaos);
            var window = TimeSpan.FromMinutes(random.Next(10, 100));
            await one.DefineAsync("things", DedupeTests.Contract.Replace("P7D", $"PT{window.TotalMinutes:0}M", StringComparison.Ordinal));
            chaos.IsOn = losses > 0;

            List<(Receipt Receipt, int[] Keys)> sent = [];
            for (var step = 0; step < (IsLong ? 200 : 20); step++)
            {
                one.Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 1500)));
                var batches = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(60)).ToArray()).ToList();
                var sending = batches.Select((keys, i) => Task.Run(() => SendAsync(i % 2 == 0 ? one : two, keys, $"{step}.{i}"))).ToList();
                await PassTimeUntilAsync(one, losses > 0, sending);
                for (var i = 0; i < batches.Count; i++)
                    sent.Add((await sending[i], batches[i]));
                var again = random.Next(batches.Count);
                var known = sent[^(batches.Count - again)].Receipt;
                var repeating = Task.Run(() => SendAsync(two, batches[again], $"{step}.{again}"));
                await PassTimeUntilAsync(one, losses > 0, [repeating]);
                var repeated = await repeating;
                Assert.Equal((known.Id, known.Loaded, known.Duplicate), (repeated.Id, repeated.Loaded, repeated.Duplicate));
            }

            chaos.IsOn = false;
            one.Clock.Advance(TimeSpan.FromSeconds(31));
            await two.Settlement.SettleAsync(default);
            await AssertRightAsync(one, window, sent);
            await two.AssertBalancedAsync("things");
        }
        finally
        {
            DataPlatform.TestKit.Leftovers.Delete(folder);
        }
    }

    private static async Task AssertRightAsync(BatchBed bed, TimeSpan window, List<(Receipt Receipt, int[] Keys)> sent)
    {
        var rows = (await bed.QueryAsync("things", "SELECT id, epoch_us(_ingested_at), _batch FROM t"))
            .Select(row => row.Split('|'))
            .Select(row => (Key: int.Parse(row[0], CultureInfo.InvariantCulture), Time: long.Parse(row[1], CultureInfo.InvariantCulture), Batch: row[2]))
            .ToList();
        var span = window.Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var of in rows.GroupBy(row => row.Key))
        {
            var times = of.Select(row => row.Time).Order().ToList();
            for (var i = 1; i < times.Count; i++)
                Assert.True(times[i] - times[i - 1] >= span, $"Key {of.Key} came twice within the window.");
        }

        var came = rows.ToLookup(row => row.Key, row => row.Time);
        foreach (var (receipt, keys) in sent)
        {
            var loaded = rows.Where(row => row.Batch == receipt.Id).ToDictionary(row => row.Key, row => row.Time);
            Assert.Equal((keys.Length, loaded.Count, keys.Length - loaded.Count), (receipt.Received, receipt.Loaded, receipt.Duplicate));
            var started = KeyFiles.Micros(receipt.Started);
            Assert.All(loaded.Values, time => Assert.Equal(started, time));
            foreach (var key in keys.Where(key => !loaded.ContainsKey(key)))
                Assert.True(came[key].Any(time => time > started - span), $"Key {key} of batch {receipt.Id} was left out without a reason.");
        }

        Assert.Equal(rows.Count, sent.Sum(batch => batch.Receipt.Loaded));
    }

    /// <summary>With losses, leases have to run out before a batch can be sent again.</summary>
    private static async Task PassTimeUntilAsync(BatchBed bed, bool losses, List<Task<Receipt>> sending)
    {
        while (!sending.TrueForAll(batch => batch.IsCompleted))
        {
            await Task.WhenAny(Task.WhenAll(sending), Task.Delay(20));
            if (losses)
                bed.Clock.Advance(TimeSpan.FromSeconds(4));
        }
    }

    private static async Task<Receipt> SendAsync(BatchBed bed, int[] keys, string idempotencyKey)
    {
        var body = Encoding.UTF8.GetBytes("id,v\n" + string.Concat(keys.Select(key => string.Create(CultureInfo.InvariantCulture, $"{key},x\n"))));
        while (true)
        {
            try
            {
                return await bed.PostAsync("things", body, key: idempotencyKey);
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
}
