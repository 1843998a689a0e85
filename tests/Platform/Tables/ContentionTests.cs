using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class ContentionTests
{
    private static readonly TimeSpan Attempt = TimeSpan.FromMilliseconds(10);
    private readonly Contention _contention = new();

    public ContentionTests() => _contention.Tried(Attempt);

    [Fact]
    public void A_writer_alone_never_waits()
    {
        Assert.Equal(TimeSpan.Zero, _contention.WaitBefore(0, 0, TimeSpan.Zero, 1));
        Assert.Equal(TimeSpan.Zero, _contention.WaitBefore(0, 3, TimeSpan.Zero, 1));
    }

    [Fact]
    public void A_winner_leaves_each_other_writer_a_turn()
    {
        Assert.Equal(15 * Attempt, _contention.WaitBefore(15, 0, TimeSpan.Zero, 0.5));
        Assert.Equal(5 * Attempt, _contention.WaitBefore(15, 0, 10 * Attempt, 0.5));
    }

    [Fact]
    public void Whoever_has_not_won_for_long_does_not_wait() => Assert.Equal(TimeSpan.Zero, _contention.WaitBefore(15, 0, 30 * Attempt, 1));

    [Fact]
    public void A_loser_goes_on_within_an_attempt() => Assert.Equal(Attempt / 2, _contention.WaitBefore(15, 1, TimeSpan.Zero, 0.5));

    [Fact]
    public void Turns_take_two_seconds_at_most() => Assert.Equal(TimeSpan.FromSeconds(2), _contention.WaitBefore(1000, 0, TimeSpan.Zero, 0.5));

    [Fact]
    public void Turns_are_as_long_as_attempts_take()
    {
        for (var i = 0; i < 50; i++)
            _contention.Tried(4 * Attempt);

        Assert.InRange(_contention.WaitBefore(1, 0, TimeSpan.Zero, 0.5), 3.9 * Attempt, 4 * Attempt);
    }
}
