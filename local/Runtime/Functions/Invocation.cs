using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>A request to run a function once.</summary>
/// <param name="TriggerValue">What the trigger gives; binders find it in <see cref="InvocationState.TriggerValue"/>.</param>
internal sealed record Invocation(FunctionDescriptor Function, object? TriggerValue)
{
    public string Id { get; init; } = Guid.NewGuid().ToString();

    /// <summary>The scope to run in, disposed by the caller; null: the invoker makes one for the invocation.</summary>
    public IServiceProvider? Services { get; init; }

    public HttpContext? HttpContext { get; init; }

    public IReadOnlyDictionary<string, object?> BindingData { get; init; } = ImmutableDictionary<string, object?>.Empty;

    public int RetryCount { get; init; }

    public int MaxRetryCount { get; init; }

    public string TraceParent { get; init; } = "";

    public string TraceState { get; init; } = "";
}
