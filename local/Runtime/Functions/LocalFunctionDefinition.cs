using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The official view of a <see cref="FunctionDescriptor"/>.</summary>
internal sealed class LocalFunctionDefinition(FunctionDescriptor function) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. function.Parameters.Select(p => new FunctionParameter(p.Name!, p.ParameterType, p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null))];

    public override string PathToAssembly { get; } = function.Method.Module.Assembly.Location;

    public override string EntryPoint { get; } = $"{function.Method.DeclaringType?.FullName}.{function.Method.Name}";

    public override string Id => function.Name;

    public override string Name => function.Name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } = Inputs(function);

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty;

    private static ImmutableDictionary<string, BindingMetadata> Inputs(FunctionDescriptor function)
    {
        var inputs = ImmutableDictionary.CreateBuilder<string, BindingMetadata>(StringComparer.Ordinal);
        foreach (var parameter in function.Parameters)
        {
            if (parameter.GetCustomAttribute<BindingAttribute>() is { } binding)
            {
                inputs.Add(parameter.Name!, new LocalBindingMetadata(parameter.Name!, TypeOf(binding)));
            }
        }

        return inputs.ToImmutable();
    }

    // HttpTriggerAttribute is "httpTrigger", as in function.json.
    private static string TypeOf(BindingAttribute binding)
    {
        var name = binding.GetType().Name;
        return char.ToLowerInvariant(name[0]) + name[1..^"Attribute".Length];
    }
}
