namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Where a namespace of event hubs is, and the key to it.</summary>
public sealed record HubConnectionString
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    /// <summary>Without its port: what the official clients call the fully qualified namespace.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Not for <c>UseDevelopmentEmulator=true</c>.</summary>
    public required bool UsesTls { get; init; }

    public required string KeyName { get; init; }

    public required string Key { get; init; }

    /// <summary>The hub, where the string is for one.</summary>
    public string? EntityPath { get; init; }

    /// <exception cref="FormatException">The text is not a connection string; the message tells no key.</exception>
    public static HubConnectionString Parse(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n.Trim(), v.Trim()) : throw new FormatException("A part is not name=value.");
            if (!parts.TryAdd(name, value))
            {
                throw new FormatException($"{name} is there twice.");
            }
        }

        if (!Uri.TryCreate(Part("Endpoint"), UriKind.Absolute, out var endpoint) || endpoint.Host.Length == 0)
        {
            throw new FormatException("Endpoint is not like sb://NAMESPACE.servicebus.windows.net.");
        }

        var emulated = parts.TryGetValue("UseDevelopmentEmulator", out var emulator) && string.Equals(emulator, "true", StringComparison.OrdinalIgnoreCase);
        return new HubConnectionString
        {
            Host = endpoint.Host,
            Port = endpoint.Port > 0 ? endpoint.Port : emulated ? PlainPort : TlsPort,
            UsesTls = !emulated,
            KeyName = Part("SharedAccessKeyName"),
            Key = Part("SharedAccessKey"),
            EntityPath = parts.GetValueOrDefault("EntityPath") is { Length: > 0 } path ? path : null,
        };

        string Part(string name) => parts.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw new FormatException($"{name} is missing.");
    }

    /// <summary>Tells no key.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
