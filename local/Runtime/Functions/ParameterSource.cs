using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Gives a parameter's value in one invocation.</summary>
internal delegate object? ParameterSource(FunctionContext context);
