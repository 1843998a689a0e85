using DataPlatform.Gateway;

namespace DataPlatform.Platform.Tests.Gateway;

public sealed class ScopeMatcherTests
{
    [Theory]
    [InlineData("admin", "define:dataset/flights")]
    [InlineData("ingest:flights", "ingest:flights")]
    [InlineData("ingest:*", "ingest:flights")]
    [InlineData("read:mart/*", "read:mart/daily_delays")]
    [InlineData("read:mart/*", "read:mart/*")]
    [InlineData("read:*", "read:mart/daily_delays")]
    public void Covers(string granted, string needed) => Assert.True(ScopeMatcher.Covers(granted, needed));

    [Theory]
    [InlineData("ingest:flights", "ingest:flights2")]
    [InlineData("ingest:flights", "admin")]
    [InlineData("ingest:f*", "ingest:flights")]
    [InlineData("*", "ingest:flights")]
    [InlineData("read:mart/*", "read:mart")]
    [InlineData("read:mart/*", "read:mart/")]
    [InlineData("read:mart/*", "read:marts/x")]
    [InlineData("read:mart/daily", "read:mart/*")]
    [InlineData("Ingest:flights", "ingest:flights")]
    [InlineData("", "ingest:flights")]
    public void Does_not_cover(string granted, string needed) => Assert.False(ScopeMatcher.Covers(granted, needed));

    [Fact]
    public void Route_parameters_are_filled_in()
    {
        Assert.Equal("ingest:flights", ScopeMatcher.Fill("ingest:{dataset}", new Dictionary<string, object?> { ["dataset"] = "flights" }));
        Assert.Equal("read:lake/files/a.csv", ScopeMatcher.Fill("read:lake/{path}", new Dictionary<string, object?> { ["path"] = "files/a.csv" }));
        Assert.Equal("read:lake/files/*", ScopeMatcher.Fill("read:lake/{path}", new Dictionary<string, object?> { ["path"] = "files/" }));
        Assert.Equal("read:lake/*", ScopeMatcher.Fill("read:lake/{path}", new Dictionary<string, object?>()));
        Assert.Equal(["kind", "name"], ScopeMatcher.Parameters("read:{kind}/{name}"));
    }
}
