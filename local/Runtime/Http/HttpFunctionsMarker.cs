namespace DataPlatform.Local.Runtime.Http;

/// <summary>Says that the app called <c>ConfigureFunctionsWebApplication</c>.</summary>
internal sealed class HttpFunctionsMarker;
