using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>The official host's own limit on a request's body, beside the worker's Kestrel: 104,857,600 bytes, or
/// <c>FUNCTIONS_REQUEST_BODY_SIZE_LIMIT</c>. Above it the answer is an empty 500.</summary>
internal sealed class RequestLimit
{
    private const string Setting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
    private const long Default = 104_857_600;

    public RequestLimit(IConfiguration configuration, StartErrors errors)
    {
        Bytes = Default;
        if (configuration[Setting] is not { } text)
        {
            return;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0)
        {
            Bytes = bytes;
        }
        else
        {
            errors.AddSetting(Setting, $"'{text}' is not a number of bytes", "give one above 0");
        }
    }

    public long Bytes { get; }
}
