using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>
/// Whatever happens to the tables between and during runs: after each run its targets hold what a recomputation from the sources' history would
/// give, or the run stopped with the error that names why it could not go on. Cases are drawn anew each time; <c>DATAPLATFORM_SEED</c> repeats them.
/// </summary>
public sealed class IncrementalPropertyTests(ITestOutputHelper output)
{
    private const int Acts = 16;

    private static readonly int Cases =
        int.TryParse(Environment.GetEnvironmentVariable("DATAPLATFORM_ROUNDS"), out var given) ? given
        : Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1" ? 2_000 : 60;

    private static readonly Gen<Act> Change = Gen.Frequency(
        (30, Of(ActKind.Append)),
        (3, Of(ActKind.AppendColumn)),
        (4, Of(ActKind.Merge)),
        (2, Of(ActKind.Overwrite)),
        (2, Of(ActKind.Delete)),
        (8, Of(ActKind.Compact)),
        (7, Of(ActKind.Restore)),
        (4, Of(ActKind.Vacuum)),
        (3, Of(ActKind.Wait)),
        (1, Of(ActKind.Replace)),
        (1, Of(ActKind.Drop)),
        (3, Of(ActKind.Reopen)));

    // What happens during a run happens while its process lives.
    private static readonly Gen<Act?> Meanwhile = Gen.Frequency(
        (4, Gen.Constant<Act?>(null)),
        (2, Change.Where(act => act.Kind is not (ActKind.Drop or ActKind.Reopen)).Select(act => (Act?)act)),
        (1, Of(ActKind.Run).Select(act => (Act?)act)),
        (2, Of(ActKind.Restore).Select(act => (Act?)(act with { Size = 1 + (act.Size % 2) }))));

    private static readonly Gen<Act> Run =
        from run in Of(ActKind.Run)
        from meanwhile in Meanwhile
        select run with { Meanwhile = meanwhile is { Kind: ActKind.Run, Size: > 2 } ? meanwhile with { Which = run.Which } : meanwhile };

    private static readonly Gen<string> Pipeline = Gen.Elements(ModelPipelines.All.Keys);

    private static readonly Gen<Story> Stories =
        from first in Pipeline
        from second in Pipeline
        from acts in Gen.Frequency((3, Change), (2, Run)).ArrayOf(Acts)
        select new Story(first, second, acts);

    [Fact]
    public void Targets_equal_a_recomputation_or_the_run_stops_by_name()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DATAPLATFORM_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"DATAPLATFORM_SEED={seed}");
        Dictionary<string, int> outcomes = [];
        var start = new Replay(new Rnd((ulong)seed, 0x9E3779B97F4A7C15), FSharpOption<int>.None);
        Prop.ForAll(Arb.From(Stories, Smaller), story => LiveAsync(story, outcomes).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(FSharpOption<Replay>.Some(start)));
        output.WriteLine(string.Join(", ", outcomes.OrderBy(outcome => outcome.Key).Select(outcome => $"{outcome.Value} {outcome.Key}")));
    }

    [Theory]
    [InlineData("follow")]
    [InlineData("copy")]
    [InlineData("latest")]
    public async Task A_target_put_back_further_than_its_source_remembers_stops_by_name(string pipeline)
    {
        Act[] acts =
        [
            new(ActKind.Append, 0, 2), new(ActKind.Run, 0, 2), new(ActKind.Append, 0, 2), new(ActKind.Run, 0, 2), new(ActKind.Compact, 0, 1),
            new(ActKind.Append, 0, 2), new(ActKind.Run, 0, 2), new(ActKind.Wait, 0, 1), new(ActKind.Vacuum, 0, 1), new(ActKind.Restore, 1, 2),
        ];
        Dictionary<string, int> outcomes = [];

        await LiveAsync(new Story(pipeline, pipeline, acts), outcomes);

        Assert.Equal(2, outcomes["SourceHistoryLost"]);
    }

    [Fact]
    public async Task A_run_whose_target_is_restored_meanwhile_is_overtaken()
    {
        foreach (var pipeline in (string[])["copy", "latest", "follow", "skip"])
        {
            Act[] acts =
            [
                new(ActKind.Append, 0, 2), new(ActKind.Run, 0, 2), new(ActKind.Append, 0, 2), new(ActKind.Run, 0, 2), new(ActKind.Append, 7, 2),
                new(ActKind.Run, 0, 2, new Act(ActKind.Restore, 1, 1)),
            ];
            Dictionary<string, int> outcomes = [];

            await LiveAsync(new Story(pipeline, pipeline, acts), outcomes);

            Assert.Equal(1, outcomes["RunOvertaken"]);
        }
    }

    [Fact]
    public async Task Rows_that_a_restore_brings_back_behind_a_skipped_removal_are_new_again()
    {
        Act[] acts =
        [
            new(ActKind.Run, 109, 1, new Act(ActKind.Append, 3, 3)), new(ActKind.Run, 52, 1), new(ActKind.AppendColumn, 21, 1),
            new(ActKind.Run, 18, 1, new Act(ActKind.Append, 40, 4)), new(ActKind.Restore, 84, 2), new(ActKind.Run, 16, 1, new Act(ActKind.Restore, 81, 2)),
            new(ActKind.Run, 62, 1, new Act(ActKind.Restore, 65, 2)),
        ];
        Dictionary<string, int> outcomes = [];

        await LiveAsync(new Story("skip", "copy", acts), outcomes);

        Assert.Equal(1, outcomes["RunOvertaken"]);
    }

    private static async Task LiveAsync(Story story, Dictionary<string, int> outcomes)
    {
        await using var world = new IncrementalWorld(story.First, story.Second);
        await world.DefineAsync();
        foreach (var act in story.Acts)
            await world.ActAsync(act);
        foreach (var pipeline in Enumerable.Range(0, 2))
            await world.ActAsync(new Act(ActKind.Run, pipeline, 1));
        await world.CheckAsync();
        foreach (var (outcome, count) in world.Outcomes)
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + count;
    }

    private static Gen<Act> Of(ActKind kind) =>
        from which in Gen.Choose(0, 119)
        from size in Gen.Choose(1, 4)
        select new Act(kind, which, size);

    /// <summary>One pipeline, then fewer acts, then simpler ones.</summary>
    private static IEnumerable<Story> Smaller(Story story)
    {
        if (story.First != story.Second)
        {
            yield return story with { Second = story.First };
            yield return story with { First = story.Second };
        }

        var acts = story.Acts;
        for (var length = acts.Length / 2; length >= 1; length /= 2)
        {
            for (var start = 0; start + length <= acts.Length; start += length)
                yield return story with { Acts = [.. acts[..start], .. acts[(start + length)..]] };
        }

        for (var i = 0; i < acts.Length; i++)
        {
            if (acts[i].Meanwhile is not null)
                yield return With(i, acts[i] with { Meanwhile = null });
            if (acts[i].Size > 1)
                yield return With(i, acts[i] with { Size = 1 });
        }

        Story With(int i, Act act) => story with { Acts = [.. acts[..i], act, .. acts[(i + 1)..]] };
    }
}
