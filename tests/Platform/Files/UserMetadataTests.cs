using DataPlatform.Failures;
using DataPlatform.Files;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Platform.Tests.Files;

public sealed class UserMetadataTests
{
    [Fact]
    public void Names_are_lower_case_and_other_headers_left_alone()
    {
        var headers = new HeaderDictionary { ["X-Ms-Meta-Author"] = " ann ", ["x-ms-meta-_1"] = "", ["x-ms-other"] = "x" };

        Assert.Equal([KeyValuePair.Create("_1", ""), KeyValuePair.Create("author", "ann")], UserMetadata.Read(headers));
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a-b", "x")]
    [InlineData("1a", "x")]
    [InlineData("writer", "x")]
    [InlineData("hdi_isfolder", "true")]
    [InlineData("a", "ü")]
    [InlineData("a", "x\ny")]
    public void What_a_store_cannot_keep_is_refused(string name, string value) =>
        Assert.Equal("InvalidMetadata", Assert.Throws<TerminalException>(() => UserMetadata.Read(new HeaderDictionary { [UserMetadata.Prefix + name] = value })).Code);

    [Fact]
    public void Too_much_is_refused()
    {
        Assert.Throws<TerminalException>(() => UserMetadata.Read(new HeaderDictionary { ["x-ms-meta-a"] = new string('x', UserMetadata.MaxBytes) }));
        var many = new HeaderDictionary();
        for (var i = 0; i <= UserMetadata.MaxNames; i++)
            many[$"x-ms-meta-n{i}"] = "x";
        Assert.Throws<TerminalException>(() => UserMetadata.Read(many));
        Assert.Throws<TerminalException>(() => UserMetadata.Read(new HeaderDictionary { ["x-ms-meta-a"] = new(["1", "2"]) }));
    }
}
