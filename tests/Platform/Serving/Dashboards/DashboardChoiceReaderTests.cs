using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Dashboards;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace DataPlatform.Platform.Tests.Serving.Dashboards;

public sealed class DashboardChoiceReaderTests
{
    [Fact]
    public void A_choice_is_read_from_the_address()
    {
        var choice = Read("?from=2026-01-02&to=2026-02-01T12:00:00%2B01:00&filter.state=NY&filter.state=CA&filter.state=&filter.state=NY");

        Assert.Equal((new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 2, 1, 11, 0, 0, TimeSpan.Zero)), (choice.From, choice.To));
        Assert.Equal(["", "CA", "NY"], choice.Filters["state"]);
        Assert.Empty(choice.Held);
    }

    [Theory]
    [InlineData("?last=P7D", "P7D")]
    [InlineData("?last=all", "all")]
    [InlineData("", null)]
    public void The_last_time_is_a_duration_or_all(string query, string? last) => Assert.Equal(last, Read(query).Last);

    [Theory]
    [InlineData("?last=week", "InvalidQueryOption", "last")]
    [InlineData("?last=P7D&last=P8D", "DuplicateQueryOption", "last")]
    [InlineData("?last=P7D&from=2026-01-01", "InvalidQueryOption", "last")]
    [InlineData("?from=yesterday", "InvalidQueryOption", "from")]
    [InlineData("?from=2026-01-02&to=2026-01-02", "InvalidQueryOption", "to")]
    [InlineData("?filter.origin=SFO", "UnknownQueryOption", "filter.origin")]
    [InlineData("?state=CA", "UnknownQueryOption", "state")]
    public void What_it_does_not_know_is_an_error(string query, string code, string target)
    {
        var exception = Assert.Throws<TerminalException>(() => Read(query));
        Assert.Equal((FailureKind.Invalid, code, target), (exception.Kind, exception.Code, exception.Target));
    }

    [Fact]
    public void A_dashboard_without_time_takes_none()
    {
        var exception = Assert.Throws<TerminalException>(() => Read("?last=P7D", new DashboardDefinition { Name = "d", Tiles = [] }));
        Assert.Equal("The dashboard 'd' has no option 'last'. It has none.", exception.Message);
    }

    private static DashboardChoice Read(string query, DashboardDefinition? dashboard = null) => DashboardChoiceReader.Read(
        new QueryCollection(QueryHelpers.ParseQuery(query)),
        dashboard ?? new DashboardDefinition { Name = "d", Tiles = [], Time = new DashboardTime { Dimension = "day" }, Filters = [new DashboardFilter("state")] });
}
