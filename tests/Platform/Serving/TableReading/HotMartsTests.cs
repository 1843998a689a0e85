using DataPlatform.Catalog;
using DataPlatform.Serving;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.TableReading;

public sealed class HotMartsTests : IAsyncLifetime
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    private readonly ServingBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ServedTable Mart { get; } = ServingBed.Mart with
    {
        Mart = new MartDefinition { Name = "sums", Source = "facts", Dimensions = [new("day")], Measures = [new("n", MeasureType.Count)] },
    };

    public async ValueTask InitializeAsync() => await WriteAsync(1);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_version_that_is_asked_for_again_needs_no_files_and_answers_the_same()
    {
        var first = await ReadAsync();
        Assert.Equal(first, await ReadAsync());
        await _bed.Hot.Idle;
        foreach (var file in (await PinAsync()).Snapshot.Files)
            _bed.DeleteFile(file, Mart);

        Assert.Equal(first, await ReadAsync());
        Assert.Equal(["3"], await ReadAsync(new QueryText(Apply: "aggregate($count as rows)")));
        Assert.Equal(["2001-01-02|1"], await ReadAsync(new QueryText(Filter: "day eq 2001-01-02")));
    }

    [Fact]
    public async Task A_newer_version_takes_the_place_of_an_older_when_nobody_reads_it()
    {
        await ReadAsync();
        await ReadAsync();
        await _bed.Hot.Idle;
        var old = await PinAsync();
        var query = old.Parse(Parser, new QueryText(Select: "n"));
        await using (var reading = await _bed.Reads.OpenAsync(old, query, new ReadOptions { PageSize = 10 }, Token))
        {
            Assert.True(reading.Read());
            await WriteAsync(2);
            await ReadAsync();
            await ReadAsync();
            await _bed.Hot.Idle;
            Assert.Equal(["2001-01-01|2", "2001-01-02|2", "2001-01-03|2"], await ReadAsync());

            Assert.True(reading.Read() && reading.Read());
            Assert.Equal(1, reading.Reader.GetInt64(0));
        }

        await _bed.Hot.Idle;

        // Its files are there yet.
        await using var again = await _bed.Reads.OpenAsync(old, query, new ReadOptions { PageSize = 10 }, Token);
        Assert.True(again.Read());
        Assert.Equal(1, again.Reader.GetInt64(0));
    }

    private Task<Commit> WriteAsync(int n) => _bed.WriteAsync($"SELECT DATE '2001-01-01' + range::INTEGER AS day, {n}::BIGINT AS n FROM range(3)", table: Mart);

    private Task<PinnedTable> PinAsync() => _bed.Reads.PinAsync(Mart, new TableVersionRequest(), Token);

    private async Task<List<string>> ReadAsync(QueryText? text = null)
    {
        var pinned = await PinAsync();
        await using var rows = await _bed.Reads.OpenAsync(pinned, pinned.Parse(Parser, text ?? new QueryText()), new ReadOptions { PageSize = 10 }, Token);
        List<string> read = [];
        while (rows.Read())
            read.Add(string.Join('|', Enumerable.Range(0, rows.Columns.Count).Select(ordinal => rows.Reader.GetValue(ordinal) is DateOnly day ? day.ToString("yyyy-MM-dd") : $"{rows.Reader.GetValue(ordinal)}")));
        return read;
    }
}
