namespace DataPlatform.Conformance.Tests.Http;

/// <summary>What <c>FunctionContext</c> said in an invocation.</summary>
public sealed record ContextSeen(
    string InvocationId, string FunctionId, string Name, string TraceParent, bool SameRequest, bool SameToken, string[] Bindings, string[] Headers);
