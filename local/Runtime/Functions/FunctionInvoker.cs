using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Runs functions: scope, middleware, class, parameters, result. The same way for every trigger.</summary>
internal sealed class FunctionInvoker(
    FunctionCatalog catalog,
    MiddlewarePipeline middleware,
    IEnumerable<IParameterBinder> binders,
    IServiceProviderIsService services,
    IServiceScopeFactory scopes,
    HostJson host,
    ShutdownSignal shutdown,
    TimeProvider clock,
    ILogger<FunctionInvoker> logger)
{
    private readonly Dictionary<FunctionDescriptor, FunctionExecutionDelegate> _pipelines = [];

    /// <summary>Makes the plans of all functions; called once, before the host starts.</summary>
    public void Prepare(StartErrors errors)
    {
        IReadOnlyList<IParameterBinder> all = [.. binders];
        foreach (var function in catalog.Functions)
        {
            if (FunctionPlan.TryCreate(function, all, services, errors) is { } plan)
            {
                _pipelines[function] = middleware.Around(async context =>
                    InvocationState.Of(context).Result = await plan.ExecuteAsync(context));
            }
        }
    }

    /// <summary>Runs a function once.</summary>
    /// <param name="cancellationToken">Passed on to the function, together with the end of a shutdown's grace (to an orchestrator alone).</param>
    /// <returns>What the function returned, or what middleware made of it.</returns>
    /// <exception cref="TimeoutException">The function ran longer than <c>functionTimeout</c> allows.</exception>
    public async Task<object?> InvokeAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var function = invocation.Function;
        var started = clock.GetTimestamp();
        Log.Started(logger, function.Name, invocation.Id);

        // An orchestrator's turn ends by being dropped in the middle: nothing may hang on the long-lived token.
        using var cancellation = function.Trigger == TriggerKind.Orchestration
            ? null
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, shutdown.Token);
        try
        {
            object? result;
            if (invocation.Services is { } given)
            {
                result = await RunAsync(invocation, given, cancellation, cancellationToken);
            }
            else
            {
                await using var scope = scopes.CreateAsyncScope();
                result = await RunAsync(invocation, scope.ServiceProvider, cancellation, cancellationToken);
            }

            Log.Succeeded(logger, function.Name, invocation.Id, clock.GetElapsedTime(started).TotalMilliseconds);
            return result;
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception, function.Name, invocation.Id, clock.GetElapsedTime(started).TotalMilliseconds);
            throw;
        }
    }

    private async Task<object?> RunAsync(
        Invocation invocation,
        IServiceProvider provider,
        CancellationTokenSource? cancellation,
        CancellationToken cancellationToken)
    {
        var context = new LocalFunctionContext(invocation, provider, cancellation?.Token ?? cancellationToken);
        var run = _pipelines[invocation.Function](context);
        if (host.FunctionTimeout is { } limit && cancellation is not null && invocation.Function.Trigger != TriggerKind.Http)
        {
            await WithinAsync(run, limit, invocation.Function.Name, cancellation);
        }
        else
        {
            await run;
        }

        return InvocationState.Of(context).Result;
    }

    // The official host ends the whole worker process here. Locally the token fires and the invocation counts as failed,
    // whether or not the function listens to the token.
    private async Task WithinAsync(Task run, TimeSpan limit, string name, CancellationTokenSource cancellation)
    {
        try
        {
            await run.WaitAsync(limit, clock, CancellationToken.None);
        }
        catch (TimeoutException exception) when (!run.IsCompleted)
        {
            await cancellation.CancelAsync();
            throw new TimeoutException($"Function {name} ran longer than functionTimeout in host.json allows ({limit}).", exception);
        }
    }
}
