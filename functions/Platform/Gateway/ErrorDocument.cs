namespace DataPlatform.Gateway;

/// <summary>The one shape of errors: <c>{"error":{"code","message","target","details":[…],"innererror":{"requestId"}}}</c>.</summary>
public sealed record ErrorDocument(ErrorBody Error);
