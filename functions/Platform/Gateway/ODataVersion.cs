using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>The header that every answer below <c>/odata</c> has, errors too: clients refuse answers without it.</summary>
public static class ODataVersion
{
    public const string Header = "OData-Version";
    public const string Current = "4.0";

    /// <summary>Sets it where it belongs.</summary>
    public static void Set(HttpContext http)
    {
        if (http.Request.Path.StartsWithSegments("/odata", StringComparison.OrdinalIgnoreCase))
            http.Response.Headers[Header] = Current;
    }
}
