namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>What goes through inputs and outputs.</summary>
public sealed class PayloadTests(ConformanceHost host)
{
    [Fact]
    public async Task Objects_keep_the_names_of_their_members_and_every_character()
    {
        var ended = await host.Durable.RunAsync("flow_record", new { Number = 1, Label = "é \"<&\u2028" });
        var part = ended.OutputAs<Part>()!;
        Assert.Equal((2, "é \"<&\u2028"), (part.Number, part.Label));
        Assert.StartsWith("{\"Number\":2,\"Label\":", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_null()
    {
        var ended = await host.Durable.RunAsync("flow_nothing");
        Assert.Equal((null, null), (ended.Input, ended.Output));
        Assert.True(ended.CustomStatus is null or "null", ended.CustomStatus);
    }

    [Fact]
    public async Task Two_megabytes_go_in_and_out()
    {
        var text = new string('x', 2_000_000);
        var ended = await host.Durable.RunAsync("flow_echo", text);
        Assert.Equal("Completed", ended.Status);
        Assert.Equal(text.Length, ended.OutputAs<string>()!.Length);
    }

    [Fact]
    public async Task Activities_give_two_megabytes_too() =>
        Assert.Equal(2_000_000, (await host.Durable.RunAsync("flow_large", 2_000_000)).OutputAs<int>());

    private sealed record Part(int Number, string? Label);
}
