using Microsoft.Azure.Functions.Worker.Middleware;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The app's middleware in the order it was added, the first one outermost.</summary>
internal sealed class MiddlewarePipeline(IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> steps)
{
    public FunctionExecutionDelegate Around(FunctionExecutionDelegate function)
    {
        var pipeline = function;
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            pipeline = steps[i](pipeline);
        }

        return pipeline;
    }
}
