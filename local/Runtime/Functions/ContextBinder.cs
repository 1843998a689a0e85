using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Binds what every function may ask for: the context and the cancellation token.</summary>
internal sealed class ContextBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter)
    {
        if (parameter.ParameterType == typeof(FunctionContext))
        {
            return context => context;
        }

        return parameter.ParameterType == typeof(CancellationToken) ? context => context.CancellationToken : null;
    }
}
