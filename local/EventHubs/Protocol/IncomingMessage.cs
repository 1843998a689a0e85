namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A whole message from the peer.</summary>
/// <param name="Format">0 is a message of the specification; others are their maker's.</param>
/// <param name="IsSettled">The peer does not want to know what becomes of it.</param>
/// <param name="Bytes">Its sections, encoded.</param>
internal sealed record IncomingMessage(uint DeliveryId, uint Format, bool IsSettled, ReadOnlyMemory<byte> Bytes);
