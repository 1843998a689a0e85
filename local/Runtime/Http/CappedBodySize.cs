using Microsoft.AspNetCore.Http.Features;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Lets a function change Kestrel's limit, as on the official worker, but never above the host's.</summary>
internal sealed class CappedBodySize : IHttpMaxRequestBodySizeFeature
{
    private readonly IHttpMaxRequestBodySizeFeature _server;
    private readonly long _cap;

    public CappedBodySize(IHttpMaxRequestBodySizeFeature server, long cap)
    {
        _server = server;
        _cap = cap;
        if (!server.IsReadOnly)
        {
            MaxRequestBodySize = server.MaxRequestBodySize;
        }
    }

    public bool IsReadOnly => _server.IsReadOnly;

    public long? MaxRequestBodySize
    {
        get => _server.MaxRequestBodySize;
        set => _server.MaxRequestBodySize = Math.Min(value ?? _cap, _cap);
    }
}
