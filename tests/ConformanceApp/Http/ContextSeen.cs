namespace DataPlatform.ConformanceApp.Http;

/// <summary>What <c>FunctionContext</c> said in an invocation.</summary>
/// <param name="Order">The middleware that ran before, as they noted it in <c>Items</c>.</param>
/// <param name="SameRequest">Whether <c>GetHttpContext</c> is the request's own context.</param>
/// <param name="SameToken">Whether a <c>CancellationToken</c> parameter is the context's token.</param>
public sealed record ContextSeen(
    string InvocationId, string FunctionId, string Name, string TraceParent, string? Order, bool SameRequest, bool SameToken, string[] Bindings, string[] Headers);
