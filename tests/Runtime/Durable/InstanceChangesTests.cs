using DataPlatform.Local.Runtime.Durable;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class InstanceChangesTests
{
    [Fact]
    public void A_change_wakes_all_and_nothing_stays_of_those_who_left()
    {
        InstanceChanges changes = new();
        Task first = changes.Next("a"), second = changes.Next("a"), other = changes.Next("b");

        changes.Leave("a", first);
        Assert.Equal(2, changes.Count);
        changes.Changed("a");
        Assert.True(second.IsCompletedSuccessfully);
        Assert.False(other.IsCompleted);

        // A wait for the next change is not ended by one who leaves the last.
        Task later = changes.Next("a");
        changes.Leave("a", second);
        Assert.Equal(2, changes.Count);
        changes.Leave("a", later);
        changes.Leave("b", other);
        Assert.Equal(0, changes.Count);
    }
}
