using DataPlatform.Failures;
using DataPlatform.Serving;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>What marts store of measures is nobody's to read.</summary>
public sealed class MartColumnsTests : IAsyncLifetime
{
    private const string Rows =
        "SELECT DATE '2001-01-01' + range::INTEGER AS day, range / 2.0::DOUBLE AS delay, range::DECIMAL(38,0) AS _delay_sum, 2::BIGINT AS _delay_count FROM range(3)";

    private readonly ServingBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bed.WriteAsync(Rows, table: ServingBed.Mart);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("?select=day,_delay_sum", "select")]
    [InlineData("?filter=_delay_count eq 2", "filter")]
    [InlineData("?orderby=_delay_sum desc", "orderby")]
    public async Task Hidden_columns_are_answered_as_unknown_ones_are(string query, string target)
    {
        var hidden = await Assert.ThrowsAsync<TerminalException>(() => _bed.GetAsync(ServingBed.Mart, query));
        var unknown = await Assert.ThrowsAsync<TerminalException>(
            () => _bed.GetAsync(ServingBed.Mart, query.Replace("_delay_sum", "nothing", StringComparison.Ordinal).Replace("_delay_count", "nothing", StringComparison.Ordinal)));

        Assert.Equal((FailureKind.Invalid, unknown.Code, target), (hidden.Kind, hidden.Code, hidden.Target));
        Assert.EndsWith("Columns: day, delay.", hidden.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?select=*&orderby=delay")]
    public async Task Visible_columns_are_answered(string query) => Assert.Equal(
        """{"value":[{"day":"2001-01-01","delay":0},{"day":"2001-01-02","delay":0.5},{"day":"2001-01-03","delay":1}]}""",
        ServingBed.Text(await _bed.GetAsync(ServingBed.Mart, query)));

    [Fact]
    public async Task Descriptions_and_statistics_leave_them_out()
    {
        var described = await _bed.Inspector.DescribeAsync(ServingBed.Mart, new TableVersionRequest(), Token);
        var statistics = await _bed.Inspector.StatisticsAsync(ServingBed.Mart, new TableVersionRequest(), Token);

        Assert.Equal(["day", "delay"], described.Columns.Select(column => column.Name));
        Assert.Equal(["day", "delay"], statistics.Columns.Select(column => column.Name));
        Assert.Equal((3, true), (statistics.Rows, statistics.Exact));
    }

    [Fact]
    public async Task Columns_of_other_tables_may_begin_as_they_like()
    {
        await _bed.WriteAsync(Rows);

        Assert.Equal("""{"value":[{"_delay_count":2}]}""", ServingBed.Text(await _bed.GetAsync("?select=_delay_count&top=1")));
    }
}
