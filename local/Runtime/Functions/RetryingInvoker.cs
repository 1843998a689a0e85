using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Runs a function as often as its retry attribute says, until it succeeds.</summary>
internal sealed class RetryingInvoker(FunctionInvoker invoker, TimeProvider clock, ILogger<RetryingInvoker> logger)
{
    /// <param name="stopping">Fires the function's token, and ends the waiting between tries with the last failure.</param>
    public async Task<object?> InvokeAsync(Invocation invocation, CancellationToken stopping)
    {
        if (invocation.Function.Retry is not { } retry)
        {
            return await invoker.InvokeAsync(invocation, stopping);
        }

        var name = invocation.Function.Name;
        var most = retry.MaxRetryCount;
        var delays = new RetryDelays(retry);
        var failures = new RepeatedFailures();
        for (var count = 0; ; count++)
        {
            try
            {
                return await invoker.InvokeAsync(invocation with { RetryCount = count, MaxRetryCount = most }, stopping);
            }
            catch (Exception exception) when ((most == -1 || count < most) && !stopping.IsCancellationRequested)
            {
                var delay = delays.Next();
                if (failures.IsNew(exception))
                {
                    Log.Retrying(logger, exception, name, count + 1, delay);
                }
                else
                {
                    Log.RetryingAgain(logger, name, count + 1, delay, exception.GetType().Name);
                }

                try
                {
                    await Task.Delay(delay, clock, stopping);
                }
                catch (OperationCanceledException)
                {
                    ExceptionDispatchInfo.Throw(exception);
                }
            }
        }
    }
}
