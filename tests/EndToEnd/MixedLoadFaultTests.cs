using System.Diagnostics;
using DataPlatform.EndToEnd.Tests.Faults;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> at random moments while everything is at work at once over one store that lives on, with senders that repeat and senders that never do:
/// after each start receipts, ledger, tables, triggers and the operational store agree within a minute.
/// </summary>
public sealed class MixedLoadFaultTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> ShortLease = new() { ["DataPlatform__ClaimLease"] = "00:00:02" };

    /// <summary>Between stages of work, where random moments seldom fall.</summary>
    private static readonly string[] Places =
    [
        "after-claim", "before-raw", "after-raw", "after-parts", "after-quarantine", "before-commit", "after-commit", "before-ledger", "before-receipt", "after-receipt",
        "before-projection-cursor", "before-claim-end", "after-records", "after-body", "after-upload", "before-upload-schedule", "after-upload-claim", "after-copy",
        "before-upload-end", "after-complete", "before-operational", "after-operational", "after-replay-parts", "after-replay-commit", "before-replay-result",
        "before-quarantine-index", "after-trigger-decision", "before-trigger-run", "after-trigger-run", "before-run-enters", "before-finish", "after-plan", "after-stage",
        "after-step-commit", "before-mart-commit", "after-mart-commit",
    ];

    private readonly FaultJournal _journal = new();
    private TimeSpan _longest;

    [Theory]
    [InlineData("folder", 1, 50)]
    [InlineData("azurite", 1, 8)]
    public async Task Everything_agrees_after_each_kill(string storage, int usual, int @long)
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        await using var azurite = storage == "azurite" ? await AzuriteProcess.StartAsync(CancellationToken.None) : null;
        var load = new MixedLoad(_journal);
        var rounds = FaultRounds.Count(usual, @long);
        AppHost? host = null;
        try
        {
            host = await StartAsync(azurite?.Storage ?? folder.Storage, folder);
            await MixedLoad.DefineAsync(new PlatformApi(host.Client));
            for (var round = 1; round <= rounds; round++)
            {
                _journal.Note($"round {round}");
                var (sent, replays) = (load.Sent.Count, load.Replays.Count);
                var life = TimeSpan.FromMilliseconds(random.Next(200, 4000));
                if (random.Next(3) == 0)
                {
                    var fault = $"{Places[random.Next(Places.Length)]}:{random.Next(1, 6)}";
                    Assert.Equal(0, await host.StopAsync());
                    await host.DisposeAsync();
                    host = await StartAsync(azurite?.Storage ?? folder.Storage, folder, fault);
                    life *= 2;
                }

                await load.KillDuringAsync(host, random, life);
                await host.DisposeAsync();
                host = await StartAsync(azurite?.Storage ?? folder.Storage, folder);
                if (random.Next(4) == 0)
                {
                    // Once more, while it makes up for what it missed.
                    await Task.Delay(random.Next(3000));
                    await host.DisposeAsync();
                    host = await StartAsync(azurite?.Storage ?? folder.Storage, folder);
                }

                var isLast = round == rounds;
                await CatchUpAsync(host, load, sent, replays, isLast, $"round {round}");
                if (isLast || round % 10 == 0)
                    await ProveAsync(new PlatformApi(host.Client));
            }

            output.WriteLine($"{storage}: {rounds} rounds, {load.Sent.Count} requests, the longest catch-up took {_longest.TotalSeconds:F1} s");
            Assert.Equal(0, await host.StopAsync());
        }
        catch
        {
            output.WriteLine($"What happened: {_journal.Save()}");
            if (host is not null)
                output.WriteLine(host.Log[Math.Max(0, host.Log.Length - 20_000)..]);

            // Where to put the store, to look into it.
            if (Environment.GetEnvironmentVariable("DATAPLATFORM_KEEP") is { Length: > 0 } keep)
                Directory.Move(Path.Combine(folder.Path, "data"), keep);
            throw;
        }
        finally
        {
            if (host is not null)
                await host.DisposeAsync();
        }
    }

    /// <param name="fault">Where it dies by itself.</param>
    private async Task<AppHost> StartAsync(string storage, TestFolder folder, string? fault = null)
    {
        var settings = fault is null ? ShortLease : new Dictionary<string, string>(ShortLease) { [FaultPoint.Variable] = fault };
        var host = await AppHost.StartAsync(storage, folder.Path, settings);
        _journal.Note($"started {host.ProcessId} {fault}");
        return host;
    }

    private async Task CatchUpAsync(AppHost host, MixedLoad load, int sentBefore, int replaysBefore, bool isLast, string when)
    {
        var clock = Stopwatch.StartNew();
        using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
        await load.RetryAsync(host, limit.Token);
        var judge = new MixedLoadJudge(new PlatformApi(host.Client), load, limit.Token);
        await judge.CheckAsync(load.Sent.Skip(sentBefore), [.. load.Replays.Skip(replaysBefore)]);
        if (clock.Elapsed > _longest)
            _longest = clock.Elapsed;
        var recent = load.Sent.Skip(sentBefore).ToList();
        output.WriteLine($"{when}: {recent.Count} requests, {recent.Count(request => request.Acknowledged)} acknowledged, {load.Replays.Count - replaysBefore} replays; caught up after {clock.Elapsed.TotalSeconds:F1} s");
        _journal.Note($"caught up after {clock.Elapsed.TotalSeconds:F1} s");
        Assert.True(clock.Elapsed < PlatformApi.SettleLimit, $"{when}: caught up after {clock.Elapsed}");
        if (isLast)
            await EmptyQuarantineAsync(host, load);
    }

    /// <summary>At the end all broken rows are mended: each is there once then.</summary>
    private static async Task EmptyQuarantineAsync(AppHost host, MixedLoad load)
    {
        var replays = load.Replays.Count;
        using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
        var api = new PlatformApi(host.Client);
        foreach (var dataset in MixedLoad.Mended)
        {
            if (await OpenAsync(dataset) > 0)
                Assert.True(await load.TryReplayAsync(host.Client, dataset, "the-last"));
        }

        await new MixedLoadJudge(api, load, limit.Token).CheckAsync([], [.. load.Replays.Skip(replays)]);
        foreach (var dataset in MixedLoad.Mended)
            Assert.Equal((dataset, 0), (dataset, await OpenAsync(dataset)));

        async Task<long> OpenAsync(string dataset) => (await api.GetAsync($"/api/v1/ledger/{dataset}")).GetProperty("totals").GetProperty("open").GetInt64();
    }

    private static async Task ProveAsync(PlatformApi api)
    {
        foreach (var dataset in MixedLoadJudge.Datasets)
            await api.ProveAsync(dataset);
    }
}
