using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Gateway;

public sealed class WebhookHandshakeTests
{
    [Theory]
    [InlineData("*", 0, "eventgrid.azure.net", null, "*")]
    [InlineData("*", 0, "eventgrid.azure.net", "120", "120")]
    [InlineData("a.example, EventGrid.azure.net", 60, "eventgrid.azure.net", "120", "60")]
    [InlineData("eventgrid.azure.net", 60, "eventgrid.azure.net", "10", "10")]
    [InlineData("*", 60, "eventgrid.azure.net", "many", "60")]
    [InlineData("*", 60, "eventgrid.azure.net", null, "60")]
    public void A_sender_that_may_deliver_is_told_how_often(string origins, int rate, string origin, string? wanted, string allowed)
    {
        var granted = Answer(origins, rate, origin, wanted)!;
        Assert.Equal((origin, allowed, "OPTIONS, POST"), (granted["WebHook-Allowed-Origin"], granted["WebHook-Allowed-Rate"], granted["Allow"]));
    }

    [Theory]
    [InlineData("eventgrid.azure.net", "evil.example", "OriginNotAllowed", FailureKind.Forbidden)]
    [InlineData("", "eventgrid.azure.net", "OriginNotAllowed", FailureKind.Forbidden)]
    [InlineData("azure.net", "eventgrid.azure.net", "OriginNotAllowed", FailureKind.Forbidden)]
    [InlineData("*", "", "InvalidOrigin", FailureKind.Invalid)]
    [InlineData("*", "a b", "InvalidOrigin", FailureKind.Invalid)]
    [InlineData("*", "https://eventgrid.azure.net", "InvalidOrigin", FailureKind.Invalid)]
    public void Others_are_refused(string origins, string origin, string code, FailureKind kind)
    {
        var refusal = Assert.Throws<TerminalException>(() => Answer(origins, 0, origin, null));
        Assert.Equal((code, kind), (refusal.Code, refusal.Kind));
    }

    [Fact]
    public void Who_does_not_ask_is_granted_nothing() =>
        Assert.Null(new WebhookHandshake(Options.Create(new PlatformOptions())).Answer(new HeaderDictionary()));

    private static IReadOnlyDictionary<string, string>? Answer(string origins, int rate, string origin, string? wanted)
    {
        var headers = new HeaderDictionary { ["WebHook-Request-Origin"] = origin };
        if (wanted is not null)
            headers["WebHook-Request-Rate"] = wanted;
        return new WebhookHandshake(Options.Create(new PlatformOptions { EventOrigins = origins, EventRate = rate })).Answer(headers);
    }
}
