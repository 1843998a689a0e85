namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>What stands behind the links of a connection.</summary>
internal interface IAmqpContainer
{
    /// <summary>Our end of a link.</summary>
    /// <exception cref="AmqpFaultException">The link is refused.</exception>
    AmqpLink Attach(LinkRequest request);

    /// <summary>Now and then: the links that may no longer be, each with what its peer is told.</summary>
    IEnumerable<(AmqpLink Link, AmqpFaultException Reason)> FindExpired();
}
