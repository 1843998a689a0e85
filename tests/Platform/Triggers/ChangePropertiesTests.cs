using DataPlatform.Operations;
using DataPlatform.TestKit;
using DataPlatform.Triggers;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>Whatever happens in whatever order, and whichever process dies: every change is seen by a run, and none starts two.</summary>
public sealed class ChangePropertiesTests(AzuriteFixture azurite) : TriggerTest(azurite)
{
    private const string Source = "source";

    private readonly List<long> _dataVersions = [];
    private readonly HashSet<string> _running = [];
    private long _newest = -1;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 4), Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Every_change_is_seen_by_a_run_and_starts_one_at_most(int seed)
    {
        var random = new Random(seed);
        TriggerBed[] processes = [await ProcessAsync(), await ProcessAsync(), await ProcessAsync()];
        var owner = await ProcessAsync();
        await owner.PutDatasetAsync(Source);
        await owner.PutPipelineAsync("p", """{"onChange": ["source"], "debounce": "PT5S"}""");
        Clock.Advance(TimeSpan.FromSeconds(1));

        for (var act = 0; act < 120; act++)
        {
            var i = random.Next(processes.Length);
            if (processes[i].Rows.IsDead)
                processes[i] = await ProcessAsync();
            await ActAsync(random, owner, processes[i]);
        }

        await SettleAsync(owner);

        var runs = (await owner.RunsAsync("p")).Reverse().ToList();
        var changes = runs.Where(run => run.Trigger is not null).Select(run => run.Trigger!.Changes![Source]).ToList();
        Assert.Equal(changes.Distinct().Order(), changes);
        Assert.Empty(changes.Except(_dataVersions));
        Assert.All(runs, run => Assert.True(run.HasEnded));
        if (_dataVersions.Count > 0)
            Assert.True(runs.Max(run => run.Pinned?[Source] ?? -1) >= _dataVersions[^1], $"seed {seed}: version {_dataVersions[^1]} was seen by none");
    }

    private async Task ActAsync(Random random, TriggerBed owner, TriggerBed process)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                var dataChange = random.Next(4) > 0;
                _newest = (await owner.CommitAsync(Source, dataChange)).Version;
                if (dataChange)
                    _dataVersions.Add(_newest);
                break;
            case 2:
                Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 12)));
                break;
            case 3:
                process.Rows.DieIn(random.Next(1, 8));
                break;
            case 4:
                await owner.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann"), Token);
                Clock.Advance(TimeSpan.FromMilliseconds(5));
                break;
            case 5 or 6:
                await BeginAsync(owner);
                break;
            case 7:
                await EndAsync(owner, random.Next(3) == 0 ? RunStatus.Failed : RunStatus.Succeeded);
                break;
            default:
                await process.TickAsync();
                break;
        }
    }

    private async Task BeginAsync(TriggerBed bed)
    {
        foreach (var (_, run) in await bed.Runs.ListOpenAsync(Token))
        {
            if (run is { Status: RunStatus.NotStarted } && await bed.TryBeginAsync(run.Id, (Source, _newest)))
                _running.Add(run.Id);
        }

        Assert.True(_running.Count <= 1, "Two runs are under way.");
    }

    private async Task EndAsync(TriggerBed bed, RunStatus status)
    {
        foreach (var run in _running)
            await bed.EndAsync(run, status);
        _running.Clear();
    }

    /// <summary>What a process that lives does in the end.</summary>
    private async Task SettleAsync(TriggerBed owner)
    {
        for (var quiet = 0; quiet < 3;)
        {
            await EndAsync(owner, RunStatus.Succeeded);
            Clock.Advance(TimeSpan.FromSeconds(20));
            var next = (await owner.TickAsync()).Concat(await owner.Get<RunUpkeep>().TurnAsync(Token)).ToList();
            await BeginAsync(owner);
            quiet = next.Count == 0 && _running.Count == 0 ? quiet + 1 : 0;
        }
    }
}
