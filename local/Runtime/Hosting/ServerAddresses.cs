using System.Globalization;
using System.Net;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Where the host listens: loopback, unless a setting says otherwise.</summary>
internal static class ServerAddresses
{
    private const string Default = "http://127.0.0.1:7071";

    /// <summary>From <c>--port</c>, <c>FUNCTIONS_PORT</c>, <c>urls</c>, or <c>LocalHttpPort</c> of local.settings.json; else port 7071.</summary>
    public static string[] From(IConfiguration configuration, RuntimeSettings settings, StartErrors errors)
    {
        var addresses = Addresses(configuration, errors);
        if (!settings.AllowNonLoopback)
        {
            foreach (var address in addresses.Where(a => !IsLoopback(a)))
            {
                errors.AddSetting("urls", $"{address} can be reached from other machines", Fix);
            }
        }

        return addresses;
    }

    /// <exception cref="StartException">The server was told in code to listen elsewhere.</exception>
    public static void RequireLoopback(IEnumerable<string> addresses, RuntimeSettings settings)
    {
        var errors = new StartErrors();
        foreach (var address in addresses.Where(a => !settings.AllowNonLoopback && !IsLoopback(a)))
        {
            errors.AddSetting("urls", $"{address} can be reached from other machines", Fix);
        }

        errors.ThrowIfAny();
    }

    private const string Fix = "listen on 127.0.0.1, or set LocalRuntime:AllowNonLoopback=true";

    private static string[] Addresses(IConfiguration configuration, StartErrors errors)
    {
        foreach (var key in (string[])["port", "FUNCTIONS_PORT"])
        {
            if (configuration[key] is { Length: > 0 } text)
            {
                return [OnPort(key, text, errors)];
            }
        }

        if ((configuration["urls"] ?? configuration["ASPNETCORE_URLS"]) is { Length: > 0 } urls)
        {
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        return configuration["LocalRuntime:Port"] is { Length: > 0 } local ? [OnPort("LocalHttpPort in local.settings.json", local, errors)] : [Default];
    }

    private static string OnPort(string setting, string text, StartErrors errors)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return $"http://127.0.0.1:{port}";
        }

        errors.AddSetting(setting, $"'{text}' is not a port", "give a number from 0 (any free one) to 65535");
        return Default;
    }

    private static bool IsLoopback(string address)
    {
        try
        {
            var host = BindingAddress.Parse(address).Host;
            return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ||
                (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
