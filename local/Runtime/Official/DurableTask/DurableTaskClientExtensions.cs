using DataPlatform.Local.Runtime.Durable;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker;

public static class DurableTaskClientExtensions
{
    /// <param name="client">The one of <c>[DurableClient]</c>.</param>
    /// <param name="instanceId">It need not exist.</param>
    /// <param name="request">Whose scheme and host the addresses get; by default the host's own.</param>
    public static HttpManagementPayload CreateHttpManagementPayload(
        this DurableTaskClient client, string instanceId, HttpRequestData? request = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return client is LocalDurableTaskClient { Links: { } links }
            ? links.Payload(request?.Url.GetLeftPart(UriPartial.Authority) ?? links.HostAddress(), instanceId)
            : throw new InvalidOperationException("Only the client that a function gets by [DurableClient] knows the host's addresses.");
    }
}
