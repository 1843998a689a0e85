using Amqp.Sasl;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>
/// What comes before a connection is opened. Everybody passes: as with Event Hubs, tokens put to <c>$cbs</c> decide, link by link.
/// </summary>
internal static class SaslExchange
{
    public const ulong SaslProtocol = 0x41_4D_51_50_03_01_00_00;
    public const ulong AmqpProtocol = 0x41_4D_51_50_00_01_00_00;

    private static readonly string[] Mechanisms = ["ANONYMOUS", "MSSBCBS", "EXTERNAL"];

    /// <returns>False when the peer has gone, or speaks something else; it was told what is spoken here.</returns>
    public static async Task<bool> RunAsync(AmqpFrameReader input, AmqpOutput output, CancellationToken cancellationToken)
    {
        if (await input.ReadProtocolAsync(cancellationToken) != SaslProtocol)
        {
            output.Write(SaslProtocol);
            return false;
        }

        output.Write(SaslProtocol);
        output.Write(isSasl: true, 0, new SaslMechanisms { SaslServerMechanisms = [.. Mechanisms.Select(name => new Symbol(name))] });
        if (await input.ReadAsync(cancellationToken) is not { IsSasl: true, Performative: SaslInit init })
            return false;
        var isKnown = Mechanisms.Contains((string)init.Mechanism, StringComparer.Ordinal);
        output.Write(isSasl: true, 0, new SaslOutcome { Code = isKnown ? SaslCode.Ok : SaslCode.Auth });
        if (!isKnown)
            return false;

        // Only now: a client that finds our header in the segment of the outcome loses it.
        var protocol = await input.ReadProtocolAsync(cancellationToken);
        if (protocol is not null)
            output.Write(AmqpProtocol);
        return protocol == AmqpProtocol;
    }
}
