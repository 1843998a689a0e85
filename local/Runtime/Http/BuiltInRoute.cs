using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>A part of the URL space that belongs to the host: functions never see requests below the prefix.</summary>
/// <param name="Prefix">A path such as <c>/runtime/webhooks/durabletask</c>, matched by segments, ignoring case.</param>
/// <param name="Handler">Writes the response; the request's path is the full one.</param>
internal sealed record BuiltInRoute(string Prefix, RequestDelegate Handler);
