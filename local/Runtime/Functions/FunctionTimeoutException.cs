namespace DataPlatform.Local.Runtime.Functions;

/// <summary>A function ran longer than <c>functionTimeout</c> in host.json allows. Its token has fired; it may still be running.</summary>
/// <param name="run">Ends when the function does.</param>
internal sealed class FunctionTimeoutException(string function, TimeSpan limit, Task run)
    : TimeoutException($"Function {function} ran longer than functionTimeout in host.json allows ({limit}).")
{
    public Task Run => run;
}
