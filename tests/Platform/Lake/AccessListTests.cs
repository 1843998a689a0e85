using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class AccessListTests
{
    [Theory]
    [InlineData("user::rwx,group::r-x,other::---", false)]
    [InlineData("user::rwx,user:1f2d-a@example.org:r-x,group::r-x,mask::r-x,other::---", false)]
    [InlineData("other::---,group::---,user::---", false)]
    [InlineData("user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:group:x:r--,default:mask::r--,default:other::---", true)]
    public void A_whole_list_is_taken(string text, bool defaults)
    {
        var list = AccessList.Parse(text);
        Assert.Equal((text, defaults), (list.Text, list.HasDefaults));
    }

    [Theory]
    [InlineData("", "is no entry")]
    [InlineData("user::rwx,group::r-x", "'other::…' is missing")]
    [InlineData("user::rwx,user:x:r-x,group::r-x,other::---", "'mask::…' is missing")]
    [InlineData("user::rwx,user::r--,group::r-x,other::---", "there twice")]
    [InlineData("user::rwx,group::r-x,other:x:---", "names somebody")]
    [InlineData("user::xwr,group::r-x,other::---", "is no entry")]
    [InlineData("user::rwx, group::r-x,other::---", "is no entry")]
    [InlineData("user::rwx,group::r-x,other::---\n", "is no entry")]
    [InlineData("user::rwt,group::r-x,other::---", "is no entry")]
    [InlineData("user::rwx,group::r-x,other::---,default:user::rwx", "'default:group::…' is missing")]
    public void Half_a_list_says_what_is_missing(string text, string fault)
    {
        var failure = Assert.Throws<TerminalException>(() => AccessList.Parse(text));
        Assert.Equal("InvalidAccessList", failure.Code);
        Assert.Contains(fault, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_has_an_end()
    {
        var text = "user::rwx,group::r-x,mask::r-x,other::---," + string.Join(',', Enumerable.Range(0, 29).Select(i => $"user:{i}:r--"));
        Assert.Contains("33 entries", Assert.Throws<TerminalException>(() => AccessList.Parse(text)).Message, StringComparison.Ordinal);
    }
}
