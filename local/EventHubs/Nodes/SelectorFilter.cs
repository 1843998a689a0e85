using System.Globalization;
using System.Text.RegularExpressions;
using Amqp.Framing;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Broker;
using DataPlatform.Local.EventHubs.Protocol;
using DataPlatform.Local.EventHubs.Storage;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Reads where a consumer wants to begin: the one kind of filter that clients of Event Hubs send.</summary>
internal static partial class SelectorFilter
{
    private static readonly Symbol Name = "apache.org:selector-filter:string";

    /// <exception cref="AmqpFaultException">The filter is another one.</exception>
    public static EventPosition Read(Source? source)
    {
        if (source?.FilterSet?[Name] is not { } filter)
            return EventPosition.Earliest;
        var text = (filter is DescribedValue described ? described.Value : filter) as string;
        if (text is null || Expression().Match(text) is not { Success: true } match)
            throw new AmqpFaultException(EventHubsErrors.ArgumentError, "The filter is not understood. It compares amqp.annotation.x-opt-offset, x-opt-sequence-number or x-opt-enqueued-time by > or >= with a value.");
        var isInclusive = match.Groups["operator"].Value == ">=";
        var value = match.Groups["value"].Value;
        var kind = match.Groups["name"].Value switch
        {
            "offset" => EventPositionKind.Offset,
            "sequence-number" => EventPositionKind.SequenceNumber,
            _ => EventPositionKind.EnqueuedTime,
        };
        if (value == "@latest")
            return EventPosition.Latest;
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new EventPosition(kind, number, isInclusive)
            : throw new AmqpFaultException(EventHubsErrors.ArgumentOutOfRange, $"The position {value} is out of range.");
    }

    [GeneratedRegex("^\\s*amqp\\.annotation\\.x-opt-(?<name>offset|sequence-number|enqueued-time)\\s*(?<operator>>=|>)\\s*'?(?<value>@latest|-?[0-9]+)'?\\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Expression();
}
