using System.Diagnostics;
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
    /// <exception cref="FunctionTimeoutException">The function ran longer than <c>functionTimeout</c> allows.</exception>
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
                result = await RunInScopeAsync(invocation, cancellation, cancellationToken);
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

    private async Task<object?> RunInScopeAsync(Invocation invocation, CancellationTokenSource? cancellation, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        var inUse = Task.CompletedTask;
        try
        {
            return await RunAsync(invocation, scope.ServiceProvider, cancellation, cancellationToken);
        }
        catch (FunctionTimeoutException exception)
        {
            inUse = exception.Run;
            throw;
        }
        finally
        {
            // A function that does not stop keeps its services.
            if (inUse.IsCompleted)
            {
                await scope.DisposeAsync();
            }
            else
            {
                _ = inUse.ContinueWith(_ => scope.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();
            }
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
        if (host.FunctionTimeout is { } limit && cancellation is not null && !Debugger.IsAttached)
        {
            await WithinAsync(run, limit, invocation.Function.Name, cancellation);
        }
        else
        {
            await run;
        }

        return InvocationState.Of(context).Result;
    }

    // The official host fires the token, fails the invocation and ends the worker process if the function does not stop at once, with all
    // other functions that it runs. Locally they share a process with the host: the function goes on until it heeds the token.
    private async Task WithinAsync(Task run, TimeSpan limit, string name, CancellationTokenSource cancellation)
    {
        try
        {
            await run.WaitAsync(limit, clock, CancellationToken.None);
        }
        catch (TimeoutException) when (!run.IsCompleted)
        {
            Log.TimedOut(logger, name, limit);
            await cancellation.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new FunctionTimeoutException(name, limit, run, mayAnswer: true);
        }
    }
}
