using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>How one function is called: made once at start, so that a call does no look-up.</summary>
internal sealed class FunctionPlan
{
    private readonly MethodInvoker _method;
    private readonly ObjectFactory? _factory;
    private readonly ParameterSource[] _parameters;
    private readonly Func<object?, Task<object?>> _await;

    private FunctionPlan(FunctionDescriptor function, ParameterSource[] parameters, ObjectFactory? factory)
    {
        _method = MethodInvoker.Create(function.Method);
        _factory = factory;
        _parameters = parameters;
        _await = Awaiter.For(function.Method.ReturnType);
    }

    /// <summary>Makes the plan; what is wrong with the function's class or parameters is reported, and null returned.</summary>
    public static FunctionPlan? TryCreate(
        FunctionDescriptor function,
        IReadOnlyList<IParameterBinder> binders,
        IServiceProviderIsService services,
        StartErrors errors)
    {
        var parameters = function.Parameters.Select(p => Source(function, p, binders, errors)).ToArray();
        var constructible = function.Method.IsStatic || IsConstructible(function, services, errors);
        return constructible && parameters.All(p => p is not null)
            ? new FunctionPlan(
                function,
                parameters!,
                function.Method.IsStatic ? null : ActivatorUtilities.CreateFactory(function.Method.DeclaringType!, []))
            : null;
    }

    public Task<object?> ExecuteAsync(FunctionContext context)
    {
        var instance = _factory?.Invoke(context.InstanceServices, []);
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = _parameters[i](context);
        }

        return _await(_method.Invoke(instance, arguments.AsSpan()));
    }

    private static ParameterSource? Source(
        FunctionDescriptor function,
        ParameterInfo parameter,
        IReadOnlyList<IParameterBinder> binders,
        StartErrors errors)
    {
        foreach (var binder in binders)
        {
            if (binder.Bind(function, parameter) is { } source)
            {
                return source;
            }
        }

        errors.Add(
            function.Name,
            $"nothing gives a value for parameter '{parameter.Name}' of type {parameter.ParameterType.Name}",
            FixFor(function, parameter.ParameterType));
        return null;
    }

    private static string FixFor(FunctionDescriptor function, Type type)
    {
        if (type == typeof(DurableTaskClient))
        {
            return "mark it with [DurableClient]";
        }

        if (typeof(ILogger).IsAssignableFrom(type))
        {
            return "take ILogger<T> in the constructor, or FunctionContext and its GetLogger";
        }

        return function.Trigger == TriggerKind.Http
            ? "take HttpRequest, FunctionContext, CancellationToken, or a string named like a route parameter; read the body and the query from the request, and services from the constructor"
            : "take the trigger's value, FunctionContext or CancellationToken; take services from the constructor";
    }

    private static bool IsConstructible(FunctionDescriptor function, IServiceProviderIsService services, StartErrors errors)
    {
        var type = function.Method.DeclaringType!;
        if (type.GetConstructors() is not [var constructor])
        {
            errors.Add(function.Name, $"its class {type.Name} has not exactly one public constructor", "keep one");
            return false;
        }

        var missing = constructor.GetParameters()
            .Where(p => !p.HasDefaultValue && !IsService(services, p))
            .Select(p => p.ParameterType.Name)
            .ToList();
        if (missing.Count > 0)
        {
            errors.Add(
                function.Name,
                $"the constructor of {type.Name} asks for what is not registered: {string.Join(", ", missing)}",
                "register it on builder.Services in Program.cs");
        }

        return missing.Count == 0;
    }

    private static bool IsService(IServiceProviderIsService services, ParameterInfo parameter) =>
        parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
            ? services is IServiceProviderIsKeyedService byKey && byKey.IsKeyedService(parameter.ParameterType, keyed.Key)
            : services.IsService(parameter.ParameterType);
}
