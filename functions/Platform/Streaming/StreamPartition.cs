namespace DataPlatform.Streaming;

/// <summary>A partition of a hub as a consumer group reads it.</summary>
/// <param name="Space">The namespace's host, such as <c>name.servicebus.windows.net</c>.</param>
public sealed record StreamPartition(string Space, string Hub, string ConsumerGroup, string Id)
{
    /// <summary>Names it in the <c>txn</c> actions of tables.</summary>
    /// <param name="created">When the hub was created: one that is made anew counts from the start again, and is another one.</param>
    public string Application(DateTimeOffset created) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"stream/{Space.ToLowerInvariant()}/{Hub.ToLowerInvariant()}/{ConsumerGroup.ToLowerInvariant()}/{Id}/{created.ToUnixTimeMilliseconds()}");

    public override string ToString() => $"{Hub}/{ConsumerGroup}/{Id}";
}
