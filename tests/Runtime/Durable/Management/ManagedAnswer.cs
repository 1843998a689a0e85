using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

internal sealed record ManagedAnswer(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public string Error => Json.GetProperty("Message").GetString()!;

    public string? Token => Headers.TryGetValues("x-ms-continuation-token", out IEnumerable<string>? values) ? values.Single() : null;
}
