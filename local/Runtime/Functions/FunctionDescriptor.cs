using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>One function of the app: a public method with a name and a trigger.</summary>
internal sealed class FunctionDescriptor
{
    public FunctionDescriptor(string name, MethodInfo method, TriggerKind trigger, TriggerBindingAttribute attribute, ParameterInfo parameter)
    {
        Name = name;
        Method = method;
        Trigger = trigger;
        TriggerAttribute = attribute;
        TriggerParameter = parameter;
        Parameters = method.GetParameters();
        Retry = method.GetCustomAttribute<RetryAttribute>();
        Definition = new LocalFunctionDefinition(this);
    }

    public string Name { get; }

    public MethodInfo Method { get; }

    public TriggerKind Trigger { get; }

    public TriggerBindingAttribute TriggerAttribute { get; }

    public ParameterInfo TriggerParameter { get; }

    public IReadOnlyList<ParameterInfo> Parameters { get; }

    public RetryAttribute? Retry { get; }

    public FunctionDefinition Definition { get; }

    public override string ToString() => $"{Name} ({Method.DeclaringType?.Name}.{Method.Name})";
}
