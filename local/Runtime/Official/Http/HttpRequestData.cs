using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>
/// The worker's own view of a request, for functions without ASP.NET Core. The local runtime has no such functions and never makes one; the
/// type is here because signatures name it.
/// </summary>
[SuppressMessage("Design", "CA1012:Abstract types should not have public constructors", Justification = "The official signature.")]
public abstract class HttpRequestData
{
    public HttpRequestData(FunctionContext functionContext) => FunctionContext = functionContext;

    public FunctionContext FunctionContext { get; }

    public abstract Uri Url { get; }
}
