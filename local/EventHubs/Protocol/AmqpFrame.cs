using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A frame as it was read.</summary>
/// <param name="IsSasl">Of the exchange before the connection is opened.</param>
/// <param name="Performative">Null in an empty frame, which only shows that the peer lives.</param>
/// <param name="Payload">What follows a transfer; good until the next frame is read.</param>
internal readonly record struct AmqpFrame(bool IsSasl, ushort Channel, DescribedList? Performative, ReadOnlyMemory<byte> Payload);
