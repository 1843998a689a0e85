namespace DataPlatform.Local.Runtime.Functions;

/// <summary>A function ran longer than it may. Its token has fired; it may still be running.</summary>
/// <param name="run">Ends when the function does.</param>
/// <param name="mayAnswer">Whether an answer that the function gives now still counts.</param>
internal sealed class FunctionTimeoutException(string function, TimeSpan limit, Task run, bool mayAnswer)
    : TimeoutException($"Function {function} had {limit} and was not ready.")
{
    public Task Run => run;

    public bool MayAnswer => mayAnswer;
}
