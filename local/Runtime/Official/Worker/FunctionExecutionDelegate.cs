namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>The rest of the pipeline of one invocation.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
