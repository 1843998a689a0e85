using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class StorageAddressTests
{
    [Fact]
    public void A_folder_is_read() => Assert.Equal("/data/lake", StorageAddress.Parse("folder:/data/lake").Folder);

    [Fact]
    public void Development_storage_is_Azurite()
    {
        var account = new StorageAccount(StorageAddress.Parse(" UseDevelopmentStorage=true; "));
        Assert.Equal("127.0.0.1:10000", account.BlobEndpoint.Host);
        Assert.Equal("127.0.0.1:10002", account.TableEndpoint.Host);
    }

    [Fact]
    public void A_connection_string_is_read()
    {
        var key = Convert.ToBase64String(new byte[64]);
        var account = new StorageAccount(StorageAddress.Parse(
            $"DefaultEndpointsProtocol=https;AccountName=myaccount;AccountKey={key};EndpointSuffix=core.windows.net"));
        Assert.Equal("myaccount.blob.core.windows.net", account.BlobEndpoint.Host);
        Assert.Equal("myaccount.table.core.windows.net", account.TableEndpoint.Host);
    }

    [Fact]
    public void An_account_name_goes_by_managed_identity()
    {
        var account = new StorageAccount(StorageAddress.Parse("myaccount1"));
        Assert.Equal(new Uri("https://myaccount1.blob.core.windows.net/"), account.Blobs.Uri);
        Assert.Equal(new Uri("https://myaccount1.table.core.windows.net/"), account.Tables.Uri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("folder:")]
    [InlineData("ab")]
    [InlineData("My-Account")]
    [InlineData("UseDevelopmentStorage=false")]
    [InlineData("https://secret.blob.core.windows.net/?sig=topsecret")]
    public void Anything_else_is_refused_without_repeating_it(string value)
    {
        var failure = Assert.Throws<TerminalException>(() => StorageAddress.Parse(value));
        Assert.Equal("InvalidSetting", failure.Code);
        Assert.Contains("folder:PATH", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccountName=x;AccountKey=not base64 topsecret")]
    [InlineData("AccountName=x")]
    [InlineData("BlobEndpoint=topsecret")]
    [InlineData("AccountName=x;AccountKey=AAAA;topsecret")]
    public void A_broken_connection_string_is_refused_without_repeating_it(string value)
    {
        var failure = Assert.Throws<TerminalException>(() => new StorageAccount(StorageAddress.Parse(value)));
        Assert.Equal("InvalidSetting", failure.Code);
        Assert.DoesNotContain("topsecret", failure.ToString(), StringComparison.Ordinal);
    }
}
