using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class RunFilesTests : IAsyncDisposable
{
    private readonly PipelineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunFiles Files => _bed.Get<RunFiles>();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_first_document_counts_and_the_run_says_what_it_says_whatever_the_sizes()
    {
        foreach (var (first, second) in new[] { (10, 20), (100_000, 20), (10, 100_000), (100_000, 200_000) })
        {
            var run = await StartAsync();
            var place = RunFiles.Result(run.Id, "s");
            var meanwhile = "";
            var (document, noted) = await Files.NoteOnceAsync(
                place,
                async () =>
                {
                    // Another attempt is faster.
                    meanwhile = (await Files.WriteOnceAsync(place, new RunClaim(Text('a', first), null), Token)).Run;
                    return new RunClaim(Text('b', second), null);
                },
                (current, claim) => current with { Caller = claim.Run[..1] },
                Token);

            Assert.Equal(Text('a', first), meanwhile);
            Assert.Equal(Text('a', first), document.Run);
            Assert.Equal(("a", "a"), (noted.Caller, (await _bed.Runs.GetAsync(run.Id, Token)).Caller));
            Assert.Equal(Text('a', first), (await Files.ReadAsync<RunClaim>(place, Token)).Run);
            Assert.Equal(Text('a', first), (await Files.WriteOnceAsync(place, new RunClaim("c", null), Token)).Run);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_document_and_its_note_in_the_run_are_stored_in_one_go(int length)
    {
        var run = await StartAsync();
        var place = RunFiles.Group(run.Id, "s", 3);

        await Files.NoteOnceAsync(
            place, () => Task.FromResult(new RunClaim(Text('a', length), null)), (current, _) => current with { Status = RunStatus.Running }, Token);
        var stopped = await Assert.ThrowsAsync<InvalidOperationException>(() => Files.NoteOnceAsync(
            RunFiles.Group(run.Id, "s", 4), () => Task.FromResult(new RunClaim("x", null)), (_, _) => throw new InvalidOperationException("stop"), Token));

        Assert.Equal("stop", stopped.Message);
        Assert.Equal(RunStatus.Running, (await _bed.Runs.GetAsync(run.Id, Token)).Status);
        Assert.Equal(Text('a', length), (await Files.ReadAsync<RunClaim>(place, Token)).Run);
        Assert.Null(await Files.TryReadAsync<RunClaim>(RunFiles.Group(run.Id, "s", 4), Token));
        Assert.Null(await Files.TryReadAsync<RunClaim>(RunFiles.Group(run.Id, "s", 33), Token));
        Assert.Equal([run.Id], (await _bed.Runs.ListAsync(RunKind.Pipeline, "p", after: null, 10, Token)).Runs.Select(other => other.Id));
    }

    [Fact]
    public async Task Documents_of_releases_that_kept_them_all_in_the_lake_are_read()
    {
        var run = await StartAsync();
        var place = RunFiles.Plan(run.Id);
        await _bed.Get<IObjectStore>().TryPutAsync(
            place, Encoding.UTF8.GetBytes("""{"run":"old"}"""), PutCondition.IfAbsent, "application/json", Token);

        var (document, noted) = await Files.NoteOnceAsync(
            place, () => Task.FromResult(new RunClaim("new", null)), (current, claim) => current with { Caller = claim.Run }, Token);

        Assert.Equal(("old", "old"), (document.Run, noted.Caller));
    }

    private static string Text(char of, int length) => new(of, length);

    private Task<Run> StartAsync() => _bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "tester"), Token);
}
