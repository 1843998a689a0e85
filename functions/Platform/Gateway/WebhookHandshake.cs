using System.Globalization;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Gateway;

/// <summary>Answers those who ask whether they may deliver CloudEvents here (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4).</summary>
public sealed class WebhookHandshake(IOptions<PlatformOptions> options)
{
    private const string RequestOrigin = "WebHook-Request-Origin";
    private const string RequestRate = "WebHook-Request-Rate";
    private const string Any = "*";

    private readonly HashSet<string> _origins =
        new(options.Value.EventOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), StringComparer.OrdinalIgnoreCase);

    /// <returns>The headers that grant it; null when the request does not ask.</returns>
    /// <exception cref="TerminalException"><c>InvalidOrigin</c>, or <c>OriginNotAllowed</c>: the setting does not name the sender.</exception>
    public IReadOnlyDictionary<string, string>? Answer(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(RequestOrigin, out var sent))
            return null;
        var origin = sent.ToString().Trim();
        if (Uri.CheckHostName(origin) == UriHostNameType.Unknown)
            throw new TerminalException(FailureKind.Invalid, "InvalidOrigin", $"The header {RequestOrigin} must be the DNS name of the sender.", RequestOrigin);
        if (!_origins.Contains(Any) && !_origins.Contains(origin))
            throw new TerminalException(FailureKind.Forbidden, "OriginNotAllowed", $"'{origin}' may not deliver here: the setting DataPlatform:EventOrigins does not name it.", RequestOrigin);

        return new Dictionary<string, string>
        {
            ["Allow"] = "OPTIONS, POST",
            ["WebHook-Allowed-Origin"] = origin,
            ["WebHook-Allowed-Rate"] = RateFor(headers[RequestRate].ToString()),
        };
    }

    private string RateFor(string requested)
    {
        var rate = options.Value.EventRate;
        if (int.TryParse(requested, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0 && (rate == 0 || wanted < rate))
            rate = wanted;
        return rate == 0 ? Any : rate.ToString(CultureInfo.InvariantCulture);
    }
}
