using System.Net;
using System.Net.Sockets;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>
/// Tells public addresses from others, by the special-purpose registries of IANA (RFC 6890) and what clouds put beside them. An address
/// within another notation (IPv4 in IPv6) counts as what it leads to. IPv6 is refused unless it is known to be public.
/// </summary>
internal static class AddressRules
{
    private static readonly IPNetwork[] NeverNetworks = Networks(
        "0.0.0.0/8",
        "169.254.0.0/16", // link-local, with the metadata services of most clouds
        "168.63.129.16/32", // Azure's host, in the public range
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "fd00:ec2::/32", // metadata services of AWS
        "2001::/32", // Teredo
        "2002::/16"); // 6to4

    private static readonly IPNetwork[] PrivateNetworks = Networks(
        "10.0.0.0/8",
        "100.64.0.0/10", // carrier-grade NAT
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24", // documentation
        "192.88.99.0/24", // 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15", // benchmarks
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "240.0.0.0/4",
        "2001::/23", // protocol assignments
        "2001:db8::/32", // documentation
        "3fff::/20"); // documentation

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static AddressClass Of(IPAddress address)
    {
        address = Plain(address);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            if (Embedded(address) is { } inner && Of(inner) != AddressClass.Public)
                return AddressClass.Never;
            if (Nat64.Contains(address))
                return AddressClass.Public;
            if (!GlobalUnicast.Contains(address) && !NeverNetworks.Any(network => network.Contains(address)))
                return AddressClass.Private;
        }

        return NeverNetworks.Any(network => network.Contains(address)) ? AddressClass.Never
            : PrivateNetworks.Any(network => network.Contains(address)) ? AddressClass.Private
            : AddressClass.Public;
    }

    /// <summary>An IPv4 address in IPv6 notation as what it is.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The IPv4 address that a gateway or tunnel on this machine's network would take the packets to.</summary>
    private static IPAddress? Embedded(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var isIsatap = bytes[8] is 0x00 or 0x02 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
        return isIsatap || Nat64.Contains(address) ? new IPAddress(bytes[12..]) : null;
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
