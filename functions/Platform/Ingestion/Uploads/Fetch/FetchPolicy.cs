using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Where files may be fetched from: the settings <c>FetchHttp</c>, <c>FetchPorts</c> and <c>FetchAllow</c>.</summary>
internal sealed class FetchPolicy
{
    private const int MaxUrlLength = 8192;
    private const string AnyPort = "*";

    private readonly bool _http;
    private readonly FrozenSet<int>? _ports;
    private readonly List<string> _hosts = [];
    private readonly List<IPNetwork> _networks = [];

    /// <exception cref="FormatException">Names the setting and the entry that is not understood.</exception>
    public FetchPolicy(PlatformOptions options)
    {
        _http = options.FetchHttp;
        _ports = options.FetchPorts.Trim() == AnyPort ? null : Split(options.FetchPorts).Select(PortOf).ToFrozenSet();
        foreach (var entry in Split(options.FetchAllow))
        {
            if (IPNetwork.TryParse(entry, out var network))
                _networks.Add(network);
            else if (IPAddress.TryParse(entry, out var address))
                _networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else if (Uri.CheckHostName(entry.StartsWith("*.", StringComparison.Ordinal) ? entry[2..] : entry) == UriHostNameType.Dns)
                _hosts.Add(entry.ToLowerInvariant());
            else
                throw new FormatException($"FetchAllow: '{entry}' is no host (files.example.com, *.example.com), address or network (10.1.0.0/16).");
        }
    }

    /// <summary>Whether the settings can be read.</summary>
    public static bool IsValid(PlatformOptions options)
    {
        try
        {
            _ = new FetchPolicy(options);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>A URL that may be tried. Where its host leads to is checked when it is connected to.</summary>
    /// <exception cref="TerminalException"><c>InvalidUrl</c>, <c>AddressRefused</c>; without the URL's query.</exception>
    public FetchUrl Check(string text)
    {
        if (text.Length > MaxUrlLength)
            throw FetchFailures.InvalidUrl($"The URL has {text.Length} characters; at most {MaxUrlLength} are taken.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
            throw FetchFailures.InvalidUrl("This is no absolute URL, as in https://files.example.com/orders.csv.");
        if (address.UserInfo.Length > 0)
            throw FetchFailures.InvalidUrl("A user or password in a URL is not sent anywhere. Give a URL that carries its own permission, such as one with a shared access signature.");
        if (!IsSchemeAllowed(address))
            throw FetchFailures.InvalidUrl($"URLs are fetched over {(_http ? "https and http" : "https")}.");
        if (!IsPortAllowed(address))
            throw FetchFailures.InvalidUrl($"Port {address.Port} is not one that is fetched from: {string.Join(", ", _ports!.Order())} (setting 'FetchPorts').");

        var url = new FetchUrl(address);
        return IPAddress.TryParse(address.IdnHost, out var literal) && !Admits(address.IdnHost, literal)
            ? throw FetchFailures.AddressRefused(url.Shown)
            : url;
    }

    /// <summary>Whether a redirect may be followed.</summary>
    public bool Follows(Uri from, Uri to) =>
        to.Host.Length > 0 && to.UserInfo.Length == 0 && to.OriginalString.Length <= MaxUrlLength && IsSchemeAllowed(to) && IsPortAllowed(to)
        && (from.Scheme != Uri.UriSchemeHttps || to.Scheme == Uri.UriSchemeHttps);

    /// <summary>Whether the host may be connected to at this address.</summary>
    public bool Admits(string host, IPAddress address) => AddressRules.Of(address) switch
    {
        AddressClass.Public => true,
        AddressClass.Never => false,
        _ => _hosts.Any(allowed => IsHost(allowed, host)) || _networks.Any(network => network.Contains(AddressRules.Plain(address))),
    };

    private static bool IsHost(string allowed, string host) => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(allowed, StringComparison.OrdinalIgnoreCase);

    private static string[] Split(string setting) => setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int PortOf(string entry) =>
        int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new FormatException($"FetchPorts: '{entry}' is no port.");

    private bool IsSchemeAllowed(Uri address) => address.Scheme == Uri.UriSchemeHttps || (_http && address.Scheme == Uri.UriSchemeHttp);

    private bool IsPortAllowed(Uri address) => _ports?.Contains(address.Port) != false;
}
