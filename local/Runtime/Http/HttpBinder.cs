using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Binds the request, and route values as strings.</summary>
internal sealed class HttpBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter)
    {
        if (function.Trigger != TriggerKind.Http)
        {
            return null;
        }

        if (parameter.ParameterType == typeof(HttpRequest))
        {
            return context => InvocationState.Of(context).Invocation.HttpContext!.Request;
        }

        if (parameter.ParameterType == typeof(string) && HttpRoute.ParameterNames(function).Contains(parameter.Name!))
        {
            var name = parameter.Name!;
            return context => context.BindingContext.BindingData.TryGetValue(name, out var value) ? value as string : null;
        }

        return null;
    }
}
