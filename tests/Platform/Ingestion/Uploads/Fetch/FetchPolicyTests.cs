using System.Net;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

public sealed class FetchPolicyTests
{
    private static readonly FetchPolicy Default = new(new PlatformOptions());

    [Theory]
    [InlineData("orders.csv")]
    [InlineData("/orders.csv")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://files.example.com/a.csv")]
    [InlineData("gopher://files.example.com/a.csv")]
    [InlineData("http://files.example.com/a.csv")]
    [InlineData("https://user:sig=secret@files.example.com/a.csv")]
    [InlineData("https://files.example.com:22/a.csv")]
    [InlineData("https://files.example.com:80/a.csv?sig=secret")]
    public void Other_than_https_on_443_is_not_fetched(string url)
    {
        var failure = Assert.Throws<TerminalException>(() => Default.Check(url));
        Assert.Equal("InvalidUrl", failure.Code);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1/a")]
    [InlineData("https://2130706433/a")]
    [InlineData("https://0x7f.1/a")]
    [InlineData("https://0177.0.0.1/a")]
    [InlineData("https://[::1]/a")]
    [InlineData("https://[::ffff:10.0.0.1]/a")]
    [InlineData("https://169.254.169.254/metadata/instance?api-version=2021-02-01")]
    public void Addresses_of_private_networks_are_not_fetched_however_they_are_written(string url) =>
        Assert.Equal("AddressRefused", Assert.Throws<TerminalException>(() => Default.Check(url)).Code);

    [Fact]
    public void Only_scheme_host_and_path_are_shown()
    {
        var url = Default.Check("https://account.blob.core.windows.net/files/orders.csv?sv=2024&sig=secret#part");

        Assert.Equal("https://account.blob.core.windows.net/files/orders.csv", $"{url}");
        Assert.Equal("https://account.blob.core.windows.net/files/orders.csv", $"{new FetchRequest { Url = url.Address.ToString() }}");
        Assert.Equal("?sv=2024&sig=secret", url.Address.Query);
    }

    [Theory]
    [InlineData("https://files.example.com/a", "https://files.example.org/b", true)]
    [InlineData("http://files.example.com/a", "https://files.example.com/b", true)]
    [InlineData("https://files.example.com/a", "http://files.example.com/b", false)]
    [InlineData("https://files.example.com/a", "https://me@files.example.com/b", false)]
    [InlineData("https://files.example.com/a", "https://files.example.com:8443/b", false)]
    [InlineData("https://files.example.com/a", "file:///etc/passwd", false)]
    public void Redirects_do_not_lead_to_what_could_not_be_asked_for(string from, string to, bool follows) =>
        Assert.Equal(follows, new FetchPolicy(new PlatformOptions { FetchHttp = true, FetchPorts = "80,443" }).Follows(new Uri(from), new Uri(to)));

    [Fact]
    public void Settings_allow_private_hosts_and_networks_but_never_metadata_services()
    {
        var policy = new FetchPolicy(new PlatformOptions { FetchAllow = "files.corp.example, *.lake.corp.example, 10.1.0.0/16, fd12::/16, 0.0.0.0/0" });

        Assert.True(policy.Admits("FILES.corp.example", IPAddress.Parse("192.168.1.1")));
        Assert.True(policy.Admits("a.lake.corp.example", IPAddress.Parse("fd99::1")));
        Assert.False(policy.Admits("lake.corp.example", IPAddress.Parse("fd99::1")));
        Assert.True(policy.Admits("x", IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.True(policy.Admits("x", IPAddress.Parse("fd12::1")));
        Assert.False(policy.Admits("files.corp.example", IPAddress.Parse("169.254.169.254")));
        Assert.False(policy.Admits("x", IPAddress.Parse("168.63.129.16")));
    }

    [Theory]
    [InlineData("443,nine", "")]
    [InlineData("70000", "")]
    [InlineData("443", "10.0.0.0/99")]
    [InlineData("443", "https://files.example.com")]
    public void Settings_that_are_not_understood_are_not_taken(string ports, string allow) =>
        Assert.False(FetchPolicy.IsValid(new PlatformOptions { FetchPorts = ports, FetchAllow = allow }));

    [Fact]
    public void The_default_settings_are_taken() => Assert.True(FetchPolicy.IsValid(new PlatformOptions()));
}
