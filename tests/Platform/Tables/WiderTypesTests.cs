using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class WiderTypesTests
{
    [Theory]
    [InlineData("short", "integer", true)]
    [InlineData("integer", "long", true)]
    [InlineData("integer", "double", true)]
    [InlineData("float", "double", true)]
    [InlineData("integer", "decimal(10,0)", true)]
    [InlineData("integer", "decimal(11,2)", false)]
    [InlineData("long", "decimal(19,0)", true)]
    [InlineData("long", "decimal(20,2)", false)]
    [InlineData("decimal(10,2)", "decimal(12,2)", true)]
    [InlineData("decimal(10,2)", "decimal(12,4)", true)]
    [InlineData("decimal(10,2)", "decimal(11,4)", false)]
    [InlineData("decimal(10,2)", "decimal(38,1)", false)]
    [InlineData("decimal(10,2)", "double", false)]
    [InlineData("long", "double", false)] // beyond 2^53 not every number
    [InlineData("integer", "float", false)]
    [InlineData("date", "timestamp", false)]
    [InlineData("integer", "string", false)]
    [InlineData("string", "string", false)]
    public void A_type_is_wider_when_it_holds_every_value(string narrow, string wide, bool isWider)
    {
        Assert.Equal(isWider, WiderTypes.IsWider(wide, than: narrow));
        Assert.False(WiderTypes.IsWider(narrow, than: wide));
        Assert.False(WiderTypes.IsWider(wide, than: wide));
    }
}
