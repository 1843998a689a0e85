using Amqp;
using Amqp.Framing;
using Amqp.Types;
using DataPlatform.Local.EventHubs.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Local.EventHubs.Tests.Protocol;

public sealed class AmqpEncodingTests
{
    [Fact]
    public void Every_encoded_value_is_measured_to_its_end()
    {
        object?[] values =
        [
            null, true, false, (byte)1, (sbyte)-1, (ushort)300, (short)-300, 0u, 5u, 70_000u, -1, 70_000, 0ul, 9ul, ulong.MaxValue, -1L, long.MinValue, 1.5f, 2.5, 'x',
            DateTime.UnixEpoch, Guid.Empty, new byte[3], new byte[300], "", "short", new string('x', 300), (Symbol)"symbol", (Symbol)new string('y', 300),
            new List { 1, "a", new List { 2 } }, new List(), new Map { ["a"] = 1, [2] = new Map() }, new[] { "a", "b" }, new[] { 1, 2 },
            new DescribedValue((Symbol)"d", new List { 1 }), new Data { Binary = new byte[10] }, new ApplicationProperties { Map = { ["k"] = "v" } },
        ];
        foreach (var value in values)
        {
            var buffer = new ByteBuffer(16, autoGrow: true);
            Encoder.WriteObject(buffer, value);
            var encoded = buffer.Buffer.AsSpan(buffer.Offset, buffer.Length);
            Assert.Equal(encoded.Length, AmqpEncoding.Measure(encoded));
            byte[] withMore = [.. encoded, 0x40];
            Assert.Equal(encoded.Length, AmqpEncoding.Measure(withMore));
            AmqpEncoding.Check(withMore);
            for (var cut = 1; cut <= encoded.Length; cut++)
                Assert.Throws<AmqpFaultException>(() => AmqpEncoding.Measure(withMore.AsSpan(0, withMore.Length - 1 - cut)));
        }
    }

    [Fact]
    public void Wild_bytes_are_refused_by_name_or_taken() =>
        Prop.ForAll(Wild.ToArbitrary(), bytes =>
        {
            try
            {
                AmqpEncoding.Check(bytes);
            }
            catch (AmqpFaultException fault)
            {
                Assert.Equal(ErrorCode.DecodeError, fault.Condition);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void A_value_nested_in_itself_a_thousand_times_is_refused_before_the_decoder_meets_it()
    {
        // Lists in lists, and described values in described values.
        byte[] lists = [0x45];
        byte[] described = [0x40];
        for (var i = 0; i < 1_000; i++)
        {
            byte[] head = [0xD0, 0, 0, (byte)((lists.Length + 4) >> 8), (byte)(lists.Length + 4), 0, 0, 0, 1];
            lists = [.. head, .. lists];
            described = [0x00, 0x53, 0x01, .. described];
        }

        Assert.Contains("nested", Assert.Throws<AmqpFaultException>(() => AmqpEncoding.Check(lists)).Message, StringComparison.Ordinal);
        Assert.Contains("nested", Assert.Throws<AmqpFaultException>(() => AmqpEncoding.Check(described)).Message, StringComparison.Ordinal);
    }

    /// <summary>Bytes that look like AMQP more often than chance would have it.</summary>
    internal static Gen<byte[]> Wild { get; } =
        Gen.OneOf(
            Gen.Choose(0, 255).Select(value => (byte)value),
            Gen.Elements<byte>(0x00, 0x53, 0x80, 0x45, 0xC0, 0xC1, 0xD0, 0xD1, 0xE0, 0xF0, 0xA1, 0xB1, 0x40, 0x01, 0x02, 0x10, 0x70, 0x72, 0x75))
        .ArrayOf();
}
