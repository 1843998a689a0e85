using System.Globalization;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Where a reader begins.</summary>
public sealed record HubPosition
{
    private HubPosition(string filter)
    {
        Filter = filter;
    }

    /// <summary>The first event that is still there.</summary>
    public static HubPosition Earliest { get; } = new("amqp.annotation.x-opt-offset > '-1'");

    /// <summary>The next one to come.</summary>
    public static HubPosition Latest { get; } = new("amqp.annotation.x-opt-offset > '@latest'");

    /// <summary>The link's filter.</summary>
    internal string Filter { get; }

    public static HubPosition AfterOffset(string offset) => new($"amqp.annotation.x-opt-offset > '{offset.Replace("'", "", StringComparison.Ordinal)}'");

    public static HubPosition AfterSequenceNumber(long number) => new(string.Create(CultureInfo.InvariantCulture, $"amqp.annotation.x-opt-sequence-number > '{number}'"));

    public static HubPosition FromSequenceNumber(long number) => new(string.Create(CultureInfo.InvariantCulture, $"amqp.annotation.x-opt-sequence-number >= '{number}'"));

    /// <summary>Events that the hub took later.</summary>
    public static HubPosition After(DateTimeOffset time) =>
        new(string.Create(CultureInfo.InvariantCulture, $"amqp.annotation.x-opt-enqueued-time > '{time.ToUnixTimeMilliseconds()}'"));
}
