using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class PlaceTests
{
    [Theory]
    [InlineData("flex", 2048, 1792L << 20)]
    [InlineData("Flex:4096", 4096, 3840L << 20)]
    [InlineData("flex:512", 512, 256L << 20)]
    public void A_place_is_known_by_name_and_size(string text, int instance, long app)
    {
        var errors = new StartErrors();
        var place = Place.Read(Settings(text), errors);
        Assert.False(errors.Any);
        Assert.Equal((instance, app), (place!.InstanceMegabytes, place.AppBytes));
    }

    [Theory]
    [InlineData("flex:1024")]
    [InlineData("premium")]
    public void Others_are_refused(string text)
    {
        var errors = new StartErrors();
        Assert.Null(Place.Read(Settings(text), errors));
        Assert.Equal([$"Setting like: '{text}' is not a known place; write flex, flex:512, flex:2048 or flex:4096."], Assert.Throws<StartException>(errors.ThrowIfAny).Reasons);
    }

    [Fact]
    public async Task Above_its_memory_the_process_ends()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        var used = 256L << 20;
        var code = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new RuntimeOptions([], []) { Root = "/", HostJsonFolders = [], Exit = code.SetResult };
        using var watch = new MemoryWatch(new Place(512), options, clock, NullLogger<MemoryWatch>.Instance) { Used = () => used };
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await clock.WaitedForAsync(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(code.Task.IsCompleted);
        used++;
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(137, await code.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private static IConfiguration Settings(string like) => new ConfigurationBuilder().AddInMemoryCollection([new("like", like)]).Build();
}
