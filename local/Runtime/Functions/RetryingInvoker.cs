using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Runs a function as often as its retry attribute says, until it succeeds.</summary>
internal sealed class RetryingInvoker(FunctionInvoker invoker, TimeProvider clock, ILogger<RetryingInvoker> logger)
{
    /// <param name="stopping">Ends the waiting between tries, with the last failure; a try in progress is not disturbed.</param>
    public async Task<object?> InvokeAsync(Invocation invocation, CancellationToken stopping)
    {
        var retry = invocation.Function.Retry;
        var most = retry?.MaxRetryCount ?? 0;
        for (var count = 0; ; count++)
        {
            try
            {
                return await invoker.InvokeAsync(invocation with { RetryCount = count, MaxRetryCount = most }, CancellationToken.None);
            }
            catch (Exception exception) when (retry is not null && (most == -1 || count < most) && !stopping.IsCancellationRequested)
            {
                var delay = RetryDelays.Before(retry, count);
                Log.Retrying(logger, exception, invocation.Function.Name, count + 1, delay);
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
