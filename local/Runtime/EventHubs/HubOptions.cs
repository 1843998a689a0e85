using System.Globalization;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Section <c>extensions.eventHubs</c> of <c>host.json</c>, with the official defaults.</summary>
internal sealed record HubOptions
{
    public int MaxEventBatchSize { get; init; } = 100;

    /// <summary>So many events are waited for, unless the first has waited for <see cref="MaxWaitTime"/>.</summary>
    public int MinEventBatchSize { get; init; } = 1;

    public TimeSpan MaxWaitTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A checkpoint after so many batches.</summary>
    public int BatchCheckpointFrequency { get; init; } = 1;

    public int PrefetchCount { get; init; } = 300;

    /// <summary>How often it is looked at who has which partition.</summary>
    public TimeSpan LoadBalancingUpdateInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Who has not said for so long that it has a partition has it no more.</summary>
    public TimeSpan PartitionOwnershipExpirationInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Where a partition without a checkpoint begins.</summary>
    public HubPosition InitialPosition { get; init; } = HubPosition.Earliest;

    public static HubOptions Read(IConfigurationSection section, StartErrors errors)
    {
        var standard = new HubOptions();
        var options = new HubOptions
        {
            MaxEventBatchSize = Count("maxEventBatchSize", standard.MaxEventBatchSize),
            MinEventBatchSize = Count("minEventBatchSize", standard.MinEventBatchSize),
            MaxWaitTime = Time("maxWaitTime", standard.MaxWaitTime),
            BatchCheckpointFrequency = Count("batchCheckpointFrequency", standard.BatchCheckpointFrequency),
            PrefetchCount = Count("prefetchCount", standard.PrefetchCount),
            LoadBalancingUpdateInterval = Time("loadBalancingUpdateInterval", standard.LoadBalancingUpdateInterval),
            PartitionOwnershipExpirationInterval = Time("partitionOwnershipExpirationInterval", standard.PartitionOwnershipExpirationInterval),
            InitialPosition = Position(),
        };
        if (options.MinEventBatchSize > options.MaxEventBatchSize)
        {
            errors.AddSetting(Key("minEventBatchSize"), $"{options.MinEventBatchSize} is above maxEventBatchSize", "make it less");
        }

        return options;

        string Key(string name) => $"extensions.eventHubs.{name} in host.json";

        int Count(string name, int value)
        {
            if (section[name] is not { } text || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0))
            {
                return value;
            }

            errors.AddSetting(Key(name), $"'{text}' is not a number above 0", "correct it");
            return 1;
        }

        TimeSpan Time(string name, TimeSpan value)
        {
            if (section[name] is not { } text || (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && value > TimeSpan.Zero))
            {
                return value;
            }

            errors.AddSetting(Key(name), $"'{text}' is not a time above 0", "write hh:mm:ss");
            return TimeSpan.FromSeconds(1);
        }

        HubPosition Position()
        {
            var initial = section.GetSection("initialOffsetOptions");
            switch (initial["type"]?.ToUpperInvariant())
            {
                case null or "FROMSTART":
                    return HubPosition.Earliest;
                case "FROMEND":
                    return HubPosition.Latest;
                case "FROMENQUEUEDTIME":
                    var time = initial["enqueuedTimeUtc"];
                    if (DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from))
                    {
                        return HubPosition.After(from);
                    }

                    errors.AddSetting(Key("initialOffsetOptions.enqueuedTimeUtc"), $"'{time}' is not a time", "write 2026-03-01T12:00:00Z");
                    return HubPosition.Earliest;
                default:
                    errors.AddSetting(Key("initialOffsetOptions.type"), $"'{initial["type"]}' is not known", "write fromStart, fromEnd or fromEnqueuedTime");
                    return HubPosition.Earliest;
            }
        }
    }
}
