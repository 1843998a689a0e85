using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DataPlatform.Local.Runtime.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The app's functions, in the order of their names ignoring case: the official host's routing order.</summary>
internal sealed partial class FunctionCatalog
{
    private readonly Dictionary<string, FunctionDescriptor> _byName;

    private FunctionCatalog(IEnumerable<FunctionDescriptor> all, IReadOnlySet<string> disabled)
    {
        All = [.. all];
        Functions = [.. All.Where(f => !disabled.Contains(f.Name))];
        Disabled = [.. All.Where(f => disabled.Contains(f.Name))];
        _byName = Functions.ToDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Those that run, and those that are disabled.</summary>
    public IReadOnlyList<FunctionDescriptor> All { get; }

    /// <summary>Those that run.</summary>
    public IReadOnlyList<FunctionDescriptor> Functions { get; }

    /// <summary>Those that a setting turned off: nothing starts them, and a disabled HTTP function answers 404 on its route.</summary>
    public IReadOnlyList<FunctionDescriptor> Disabled { get; }

    public FunctionDescriptor? Find(string name) => _byName.GetValueOrDefault(name);

    public IEnumerable<FunctionDescriptor> Of(TriggerKind trigger) => Functions.Where(f => f.Trigger == trigger);

    /// <summary>Reads the functions of some types; what is wrong with one is reported and that one left out.</summary>
    /// <param name="configuration">Says by <c>AzureWebJobs.NAME.Disabled</c>, or <c>AzureWebJobs_NAME_Disabled</c>, which functions are off.</param>
    public static FunctionCatalog Load(IEnumerable<Type> types, IConfiguration configuration, StartErrors errors)
    {
        var functions = new SortedDictionary<string, FunctionDescriptor>(StringComparer.OrdinalIgnoreCase);
        foreach (var type in types)
        {
            const BindingFlags Methods = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var method in type.GetMethods(Methods))
            {
                if (method.GetCustomAttribute<FunctionAttribute>() is not { } attribute)
                {
                    continue;
                }

                if (Describe(attribute.Name, method, errors) is not { } function)
                {
                    continue;
                }

                if (!functions.TryAdd(function.Name, function))
                {
                    errors.Add(
                        function.Name,
                        $"the name is used twice, by {Place(functions[function.Name].Method)} and {Place(method)}",
                        "give each function a name of its own; case does not count");
                }
            }
        }

        var disabled = DisabledFunctions.Read(functions.Keys, configuration, errors);
        return new FunctionCatalog(functions.Values.Where(f => disabled.Contains(f.Name) || IsConnected(f, configuration, errors)), disabled);
    }

    private static FunctionDescriptor? Describe(string name, MethodInfo method, StartErrors errors)
    {
        if (!ValidName().IsMatch(name) || string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(name, "the name is not allowed", "use a letter, then up to 127 letters, digits, '_' or '-'; 'host' is reserved");
            return null;
        }

        if (!method.IsPublic || !IsVisible(method.DeclaringType!))
        {
            errors.Add(name, $"{Place(method)} is not public", "make the method and its class public");
            return null;
        }

        if (method.IsGenericMethodDefinition || method.DeclaringType!.ContainsGenericParameters || (method.DeclaringType.IsAbstract && !method.IsStatic))
        {
            errors.Add(
                name,
                $"{Place(method)} cannot be called: it is generic, or in a generic or abstract class",
                "move it to a plain class");
            return null;
        }

        if (method.ReturnType == typeof(void) && method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null)
        {
            errors.Add(name, "async void cannot be awaited", "return Task");
            return null;
        }

        var triggers = method.GetParameters()
            .Select(p => (Parameter: p, Attribute: p.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(t => t.Attribute is not null)
            .ToList();
        if (triggers is not [var (parameter, trigger)])
        {
            errors.Add(
                name,
                $"it has {triggers.Count} trigger parameters",
                "mark exactly one parameter with a trigger attribute such as [HttpTrigger]");
            return null;
        }

        if (KindOf(trigger!) is not { } kind)
        {
            errors.Add(
                name,
                $"the local runtime does not know [{trigger!.GetType().Name}]",
                "use HttpTrigger, TimerTrigger, EventHubTrigger, OrchestrationTrigger or ActivityTrigger");
            return null;
        }

        var function = new FunctionDescriptor(name, method, kind, trigger!, parameter);
        if (function.Retry is not null && kind is not (TriggerKind.Timer or TriggerKind.EventHub))
        {
            errors.Add(
                name,
                $"it has a retry attribute, which the official build refuses on [{trigger!.GetType().Name}]",
                "remove it; orchestrators retry activities by TaskOptions");
        }

        return function;
    }

    // The official host ends where the connection is missing: there such a function is to be disabled.
    private static bool IsConnected(FunctionDescriptor function, IConfiguration configuration, StartErrors errors)
    {
        if (function.TriggerAttribute is not EventHubTriggerAttribute trigger)
        {
            return true;
        }

        var connection = trigger.Connection ?? HubConnections.Default;
        if (HubConnections.IsSet(configuration, connection))
        {
            return true;
        }

        errors.Warn($"Function {function.Name} is left out: the setting {connection}, its connection to Event Hubs, is not there.");
        return false;
    }

    private static TriggerKind? KindOf(TriggerBindingAttribute attribute) => attribute switch
    {
        HttpTriggerAttribute => TriggerKind.Http,
        TimerTriggerAttribute => TriggerKind.Timer,
        OrchestrationTriggerAttribute => TriggerKind.Orchestration,
        ActivityTriggerAttribute => TriggerKind.Activity,
        EventHubTriggerAttribute => TriggerKind.EventHub,
        _ => null,
    };

    private static bool IsVisible(Type type) => type.IsNested ? type.IsNestedPublic && IsVisible(type.DeclaringType!) : type.IsPublic;

    private static string Place(MethodInfo method) => $"{method.DeclaringType?.FullName}.{method.Name}";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,127}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ValidName();
}
