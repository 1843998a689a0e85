using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalFunctionContext : FunctionContext
{
    private readonly Invocation _invocation;

    public LocalFunctionContext(Invocation invocation, IServiceProvider services, CancellationToken cancellationToken)
    {
        _invocation = invocation;
        InstanceServices = services;
        CancellationToken = cancellationToken;
        Features = new InvocationFeatures();
        Features.Set(new InvocationState(invocation));
        BindingContext = new LocalBindingContext(invocation.BindingData);

        // The official worker leaves it null without a retry attribute, whatever the signature says.
        RetryContext = invocation.Function.Retry is null ? null! : new LocalRetryContext(invocation.RetryCount, invocation.MaxRetryCount);
        TraceContext = new LocalTraceContext(invocation.TraceParent, invocation.TraceState);
    }

    public override string InvocationId => _invocation.Id;

    public override string FunctionId => _invocation.Function.Definition.Id;

    public override TraceContext TraceContext { get; }

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext { get; }

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition => _invocation.Function.Definition;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; }

    public override CancellationToken CancellationToken { get; }
}
