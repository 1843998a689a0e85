using DataPlatform.Local.EventHubs.Security;

namespace DataPlatform.Local.EventHubs.Tests.Security;

public sealed class SharedAccessSignatureTests
{
    private static readonly SharedAccessKey Key = new("RootManageSharedAccessKey", "SAS_KEY_VALUE");
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_of_the_key_is_good_until_it_expires()
    {
        var token = SharedAccessSignature.Sign("sb://localhost:5672/flights", Key, Now.AddMinutes(1));
        var read = SharedAccessSignature.Verify(token, Key, Now);
        Assert.Equal("sb://localhost:5672/flights", read?.Resource);
        Assert.Null(SharedAccessSignature.Verify(token, Key, Now.AddMinutes(1)));
        Assert.Null(SharedAccessSignature.Verify(token, Key with { Key = "other" }, Now));
        Assert.Null(SharedAccessSignature.Verify(token, Key with { Name = "other" }, Now));
        Assert.Null(SharedAccessSignature.Verify(token.Replace("flights", "planes", StringComparison.Ordinal), Key, Now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessSignature")]
    [InlineData("SharedAccessSignature ")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=c&skn=d")]
    [InlineData("SharedAccessSignature sr=a&sr=a&sig=b&se=1&skn=d")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=99999999999999999999&skn=d")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=9223372036854775807&skn=d")]
    [InlineData("Bearer eyJ")]
    public void What_is_no_token_is_refused(string token) => Assert.Null(SharedAccessSignature.Verify(token, Key, Now));

    [Theory]
    [InlineData("sb://host/", "anything/at/all", true)]
    [InlineData("sb://host", "hub", true)]
    [InlineData("sb://host:5672/hub", "HUB", true)]
    [InlineData("sb://host/hub", "hub/Partitions/1", true)]
    [InlineData("sb://host/hub/", "hub/ConsumerGroups/$Default/Partitions/1", true)]
    [InlineData("sb://host/hub", "hub2", false)]
    [InlineData("sb://host/hub/Partitions/1", "hub", false)]
    [InlineData("sb://host/hub/Partitions/1", "hub/Partitions/12", false)]
    public void A_token_covers_what_lies_under_its_resource(string resource, string path, bool covers) =>
        Assert.Equal(covers, new SharedAccessSignature(resource, Now).Covers(path));

    [Fact]
    public void The_key_is_not_printed() => Assert.DoesNotContain(Key.Key, $"{Key}", StringComparison.Ordinal);
}
