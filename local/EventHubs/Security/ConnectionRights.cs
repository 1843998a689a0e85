namespace DataPlatform.Local.EventHubs.Security;

/// <summary>What the tokens put on a connection allow, and until when.</summary>
internal sealed class ConnectionRights(SharedAccessKey key, TimeProvider clock)
{
    private readonly Dictionary<string, DateTimeOffset> _granted = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a token for an audience (<c>sb://host/hub/…</c>).</summary>
    /// <returns>False when it is not good for that.</returns>
    public bool Grant(string audience, string token)
    {
        var path = SharedAccessSignature.PathOf(audience);
        if (SharedAccessSignature.Verify(token, key, clock.GetUtcNow()) is not { } signature || !signature.Covers(path))
            return false;
        lock (_granted)
            _granted[path] = signature.Expires;
        return true;
    }

    /// <summary>Whether a token that has not expired is good for the path, or for what it lies under.</summary>
    public bool Allows(string path)
    {
        var now = clock.GetUtcNow();
        lock (_granted)
        {
            foreach (var (granted, expires) in _granted)
            {
                if (expires > now && new SharedAccessSignature($"sb://-/{granted}", expires).Covers(path))
                    return true;
            }

            return false;
        }
    }
}
