using System.Text;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Gateway;

public sealed class ApiKeysTests
{
    private const string Key = "dp_admin_a-key-of-the-tests";
    private readonly ApiKeys _keys = new(Options.Create(new PlatformOptions { AdminKey = Key }));

    [Fact]
    public void The_admin_key_opens_everything()
    {
        var caller = _keys.Authenticate(Request("x-api-key", Key));

        Assert.Equal("admin", caller.Id);
        Assert.True(caller.Has("define:dataset/flights"));
        Assert.Null(_keys.Generated);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("")]
    public void It_may_be_the_password_of_basic_authentication(string user) =>
        Assert.Equal("admin", _keys.Authenticate(Request("Authorization", "basic " + Base64($"{user}:{Key}"))).Id);

    [Theory]
    [InlineData("x-api-key", "")]
    [InlineData("x-api-key", "dp_admin_a-key-of-the-test")]
    [InlineData("x-api-key", "dp_admin_a-key-of-the-tests ")]
    [InlineData("Authorization", "Bearer " + Key)]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Basic")]
    [InlineData("Authorization", "Basic !!!")]
    [InlineData("Authorization", "Basic eA==")]
    [InlineData("x-other", Key)]
    public void Anything_else_is_refused(string header, string value)
    {
        var exception = Assert.Throws<TerminalException>(() => _keys.Authenticate(Request(header, value)));
        Assert.Equal((FailureKind.Unauthenticated, "Unauthenticated"), (exception.Kind, exception.Code));
        Assert.DoesNotContain("dp_admin", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_or_a_huge_one_are_refused()
    {
        var two = new DefaultHttpContext().Request;
        two.Headers["x-api-key"] = new([Key, Key]);
        Assert.Throws<TerminalException>(() => _keys.Authenticate(two));
        Assert.Throws<TerminalException>(() => _keys.Authenticate(Request("x-api-key", new string('x', 100_000))));
        Assert.Throws<TerminalException>(() => _keys.Authenticate(Request("Authorization", "Basic " + new string('A', 100_000))));
    }

    [Fact]
    public void Without_a_key_one_is_generated_for_each_start()
    {
        var (first, second) = (new ApiKeys(Options.Create(new PlatformOptions())), new ApiKeys(Options.Create(new PlatformOptions())));

        Assert.NotEqual(first.Generated, second.Generated);
        Assert.Equal("admin", first.Authenticate(Request("x-api-key", first.Generated!)).Id);
        Assert.Throws<TerminalException>(() => first.Authenticate(Request("x-api-key", second.Generated!)));
    }

    [Fact]
    public void A_key_that_can_be_guessed_does_not_start()
    {
        var exception = Assert.Throws<TerminalException>(() => new ApiKeys(Options.Create(new PlatformOptions { AdminKey = "short" })));
        Assert.DoesNotContain("short", exception.Message, StringComparison.Ordinal);
    }

    private static HttpRequest Request(string header, string value)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers[header] = value;
        return request;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
