namespace DataPlatform.Gateway;

/// <summary>
/// Declares a route to the gateway, on the function that serves it: what a caller needs and what the body may be. The address and
/// methods stand in the function's trigger. A function with an HTTP trigger and without this attribute does not start.
/// </summary>
/// <param name="scope">The scope a caller needs, e.g. <c>ingest:{dataset}</c>; route parameters are filled in. <see cref="Public"/>
/// asks for none, <see cref="Authenticated"/> for no certain one.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ApiRouteAttribute(string scope) : Attribute
{
    /// <summary>The scope of routes that need no credentials, such as health probes.</summary>
    public const string Public = "public";

    /// <summary>Any caller with valid credentials comes in; what it may see is for the function to decide.</summary>
    public const string Authenticated = "authenticated";

    public string Scope { get; } = scope;

    public RequestBody Body { get; init; } = RequestBody.None;

    /// <summary>Whoever has a link to the route's dashboard may ask, too.</summary>
    public bool Linked { get; init; }

    /// <summary>Senders of CloudEvents may ask the address by OPTIONS whether they may deliver.</summary>
    public bool Webhook { get; init; }
}
