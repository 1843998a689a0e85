using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>The API's addresses of an instance.</summary>
internal sealed class ManagementLinks(IServer server, DurableSettings settings, ManagementAccess access)
{
    public const string Prefix = "/runtime/webhooks/durabletask";
    public const string RaiseEvent = "/raiseEvent/{eventName}";
    public const string Terminate = "/terminate?reason={text}";
    public const string Suspend = "/suspend?reason={text}";
    public const string Resume = "/resume?reason={text}";
    public const string Restart = "/restart";
    private const string Connection = "Storage";

    /// <summary>What every address ends with: the hub, the connection and, where there is one, the key.</summary>
    public string Query { get; } =
        $"taskHub={Uri.EscapeDataString(settings.HubName)}&connection={Connection}" + (access.Key is { } key ? $"&code={Uri.EscapeDataString(key)}" : string.Empty);

    /// <summary>As this machine reaches the host.</summary>
    public string HostAddress()
    {
        string address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new InvalidOperationException("The host does not listen yet, so nobody can call back: ask for its addresses in a function.");
        BindingAddress bound = BindingAddress.Parse(address);
        bool any = bound.Host is "*" or "+" || (IPAddress.TryParse(bound.Host.Trim('[', ']'), out IPAddress? ip) && (IPAddress.Any.Equals(ip) || IPAddress.IPv6Any.Equals(ip)));
        return $"{bound.Scheme}://{(any ? "localhost" : bound.Host)}:{bound.Port}";
    }

    /// <summary>As the caller reached it.</summary>
    public string HostAddress(HttpRequest request) =>
        request.Host.HasValue ? $"{request.Scheme}://{request.Host.ToUriComponent()}" : HostAddress();

    /// <summary>What functions hand out. Without addresses to rewind and restart, which there are not here.</summary>
    public HttpManagementPayload Payload(string host, string instanceId) => new()
    {
        Id = instanceId,
        StatusQueryGetUri = To(host, instanceId),
        SendEventPostUri = To(host, instanceId, RaiseEvent),
        TerminatePostUri = To(host, instanceId, Terminate),
        PurgeHistoryDeleteUri = To(host, instanceId),
        SuspendPostUri = To(host, instanceId, Suspend),
        ResumePostUri = To(host, instanceId, Resume),
    };

    /// <param name="host">Scheme, name and port.</param>
    /// <param name="action">What follows the id; null for the instance itself.</param>
    public string To(string host, string instanceId, string? action = null) =>
        $"{host}{Prefix}/instances/{Uri.EscapeDataString(instanceId)}{action}{(action?.Contains('?', StringComparison.Ordinal) == true ? '&' : '?')}{Query}";
}
