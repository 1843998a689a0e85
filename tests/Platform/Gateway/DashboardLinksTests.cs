using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Gateway;

public sealed class DashboardLinksTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    [Fact]
    public void A_link_gives_its_dashboard_and_nothing_else()
    {
        var http = With(Links().Create(Link()));

        var caller = Links().Authenticate(http)!;

        Assert.Equal(["read:dashboard/flights"], caller.Scopes);
        Assert.False(caller.Has("read:dashboard/flights2") || caller.Has("read:mart/daily_delays") || caller.Has("define:dashboard/flights"));
        Assert.Equal(["CA", ""], DashboardLink.Of(http)!.Filters["state"]);
    }

    [Fact]
    public void A_request_without_a_token_has_no_link() => Assert.Null(Links().Authenticate(new DefaultHttpContext()));

    [Fact]
    public void A_link_ends()
    {
        var token = Links().Create(Link());
        _time.SetUtcNow(Now.AddDays(1).AddSeconds(-1));
        Assert.NotNull(Links().Authenticate(With(token)));

        _time.SetUtcNow(Now.AddDays(1));
        Assert.Equal("LinkExpired", Refusal(token));
    }

    [Fact]
    public void A_change_of_any_character_breaks_a_link()
    {
        var token = Links().Create(Link());
        for (var i = 0; i < token.Length; i++)
        {
            var other = token[i] == 'A' ? 'B' : 'A';

            // The last character of the signature has bits to spare, which readers must not take either.
            Assert.Equal("LinkInvalid", Refusal(token[..i] + other + token[(i + 1)..]));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("e30.")]
    [InlineData("e30.AAAA")]
    [InlineData("\u0100.\u0100")]
    public void What_is_no_token_is_refused(string token) => Assert.Equal("LinkInvalid", Refusal(token));

    [Fact]
    public void Links_end_with_their_key()
    {
        var token = Links().Create(Link());
        Assert.Equal("LinkInvalid", Assert.Throws<TerminalException>(() => Links(new string('x', 32)).Authenticate(With(token))).Code);
        Assert.Equal("LinkInvalid", Assert.Throws<TerminalException>(() => Links("").Authenticate(With(token))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a-key-that-is-too-short")]
    public void Without_a_key_none_are_made(string key)
    {
        var exception = Assert.Throws<TerminalException>(() => Links(key).Create(Link()));
        Assert.Equal((FailureKind.NotImplemented, "EmbedKeyMissing"), (exception.Kind, exception.Code));
        Assert.Contains("DataPlatform:EmbedKey", exception.Message, StringComparison.Ordinal);
    }

    private static DashboardLink Link() =>
        new("flights", Now.AddDays(1), new Dictionary<string, IReadOnlyList<string>> { ["state"] = ["CA", ""] });

    private static DefaultHttpContext With(string token)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers[DashboardLinks.Header] = token;
        return http;
    }

    private string Refusal(string token)
    {
        var exception = Assert.Throws<TerminalException>(() => Links().Authenticate(With(token)));
        Assert.Equal(FailureKind.Unauthenticated, exception.Kind);
        return exception.Code;
    }

    private DashboardLinks Links(string key = "a-secret-of-at-least-32-characters") =>
        new(Options.Create(new PlatformOptions { EmbedKey = key }), _time);
}
