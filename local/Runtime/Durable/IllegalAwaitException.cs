namespace DataPlatform.Local.Runtime.Durable;

internal sealed class IllegalAwaitException(string name) : InvalidOperationException(
    $"An invalid asynchronous invocation was detected in orchestrator '{name}': it awaits something that is not durable "
    + "(I/O, Task.Delay, Task.Run, ConfigureAwait(false), asynchronous middleware). Await tasks of the orchestration context "
    + "only, and move the rest into an activity.");
