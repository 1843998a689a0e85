using DataPlatform.Failures;

namespace DataPlatform.Processing;

/// <summary>The engine knows nothing of steps: its failures say the place within the SQL, and here whose SQL it is.</summary>
internal static class StepNaming
{
    public static async Task<T> RunAsync<T>(CompiledStep step, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (TerminalException exception) when (exception.Target != step.Name)
        {
            var target = exception.Target is null or "sql" ? step.Name : exception.Target;
            throw new TerminalException(
                exception.Kind, exception.Code, $"Step '{step.Name}': {exception.Message}", target, exception.Details, exception);
        }
    }
}
