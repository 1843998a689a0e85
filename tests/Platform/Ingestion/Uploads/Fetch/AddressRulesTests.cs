using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Uploads.Fetch;

public sealed class AddressRulesTests
{
    /// <summary>Networks of the special-purpose registry that nobody's server is in, and Azure's host.</summary>
    private static readonly string[] Refused4 =
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32",
    ];

    private static readonly string[] Refused6 =
    [
        "::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16",
        "3fff::/20", "5f00::/16", "fc00::/7", "fd00:ec2::254/128", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/2",
    ];

    [Fact]
    public void An_address_of_a_refused_network_is_refused_in_each_notation() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(In(Refused4), address =>
            Notations(address.GetAddressBytes()).All(notation => AddressRules.Of(notation) != AddressClass.Public)));

    [Fact]
    public void An_address_of_a_refused_network_of_IPv6_is_refused() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(In(Refused6), address => AddressRules.Of(address) != AddressClass.Public));

    [Fact]
    public void Tunnels_are_refused_wherever_they_lead() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(In(["1.0.0.0/8", "20.0.0.0/8", "93.184.0.0/16"]), address =>
            Tunnels(address.GetAddressBytes()).All(notation => AddressRules.Of(notation) == AddressClass.Never)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("20.60.1.2")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("168.63.129.15")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::200e")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void Public_addresses_are_public(string address) => Assert.Equal(AddressClass.Public, AddressRules.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1%2")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("2002:a9fe:a9fe::")]
    [InlineData("2a00:1450::5efe:10.0.0.1")]
    public void What_surrounds_the_machine_is_out_of_reach(string address) => Assert.Equal(AddressClass.Never, AddressRules.Of(IPAddress.Parse(address)));

    private static Arbitrary<IPAddress> In(string[] networks)
    {
        var any = from network in Gen.Elements(networks)
                  from bytes in Gen.Choose(0, 255).ArrayOf(16)
                  select Within(IPNetwork.Parse(network), bytes);
        return any.ToArbitrary();
    }

    private static IPAddress Within(IPNetwork network, int[] random)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            if ((random[bit / 8] & (0x80 >> (bit % 8))) != 0)
                bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }

    private static IEnumerable<IPAddress> Notations(byte[] v4) =>
    [
        new(v4),
        new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, .. v4]),
        new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. v4]),
        new([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, .. v4]),
        new([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. v4]),
        new([0, 0x64, 0xff, 0x9b, 0, 1, 0, 0, 0, 0, 0, 0, .. v4]),
        new([0x2a, 0, 0x14, 0x50, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe, .. v4]),
        new([0x2a, 0, 0x14, 0x50, 0, 0, 0, 0, 2, 0, 0x5e, 0xfe, .. v4]),
        .. Tunnels(v4),
    ];

    private static IEnumerable<IPAddress> Tunnels(byte[] v4) =>
    [
        new([0x20, 0x02, .. v4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        new([0x20, 0x01, 0, 0, .. v4, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        new([0x20, 0x01, 0, 0, 8, 8, 8, 8, 0, 0, 0xff, 0xff, .. v4.Select(part => (byte)~part)]),
    ];
}
