using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>
/// The official host's own limit on a request's body, beside Kestrel's. There it is 104,857,600 bytes unless the setting says otherwise, and
/// API Management keeps larger bodies away, because the host answers them with an empty 500. Here nothing stands in front, so without the
/// setting there is no such limit and the app itself answers what is too large for it.
/// </summary>
internal sealed class RequestLimit
{
    private const string Setting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    public RequestLimit(IConfiguration configuration, StartErrors errors)
    {
        Bytes = long.MaxValue;
        if (configuration[Setting] is { } text)
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0)
            {
                Bytes = bytes;
            }
            else
            {
                errors.AddSetting(Setting, $"'{text}' is not a number of bytes", "give one above 0");
            }
        }
    }

    public long Bytes { get; }
}
