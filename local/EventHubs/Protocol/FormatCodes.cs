namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>The first byte of an encoded AMQP value (AMQP 1.0, part 1, section 1.6), as far as they are looked for here.</summary>
internal static class FormatCodes
{
    public const byte Described = 0x00;
    public const byte Null = 0x40;
    public const byte SmallULong = 0x53;
    public const byte ULong = 0x80;
    public const byte Binary8 = 0xA0;
    public const byte String8 = 0xA1;
    public const byte Symbol8 = 0xA3;
    public const byte Binary32 = 0xB0;
    public const byte String32 = 0xB1;
    public const byte Symbol32 = 0xB3;
    public const byte List0 = 0x45;
    public const byte List8 = 0xC0;
    public const byte Map8 = 0xC1;
    public const byte List32 = 0xD0;
    public const byte Map32 = 0xD1;
    public const byte Array8 = 0xE0;
    public const byte Array32 = 0xF0;
}
