using System.Reflection;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Turns what a function returns into a task of its result: values, void, Task and ValueTask with and without one.</summary>
internal static class Awaiter
{
    /// <remarks>Continues on the caller's synchronization context: an orchestrator's turn runs on one.</remarks>
    public static Func<object?, Task<object?>> For(Type returnType)
    {
        if (returnType == typeof(Task))
        {
            return static async value =>
            {
                await Required<Task>(value);
                return null;
            };
        }

        if (returnType == typeof(ValueTask))
        {
            return static async value =>
            {
                await (ValueTask)value!;
                return null;
            };
        }

        if (returnType.IsGenericType)
        {
            var generic = returnType.GetGenericTypeDefinition();
            var method = generic == typeof(Task<>) ? nameof(OfTask) : generic == typeof(ValueTask<>) ? nameof(OfValueTask) : null;
            if (method is not null)
            {
                return typeof(Awaiter).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
                    .MakeGenericMethod(returnType.GetGenericArguments())
                    .CreateDelegate<Func<object?, Task<object?>>>();
            }
        }

        return static value => Task.FromResult(value);
    }

    /// <summary>The type of the result behind a return type; <c>void</c> when there is none.</summary>
    public static Type ResultType(Type returnType)
    {
        if (returnType == typeof(Task) || returnType == typeof(ValueTask))
        {
            return typeof(void);
        }

        return returnType.IsGenericType && (returnType.GetGenericTypeDefinition() == typeof(Task<>) || returnType.GetGenericTypeDefinition() == typeof(ValueTask<>))
            ? returnType.GetGenericArguments()[0]
            : returnType;
    }

    private static async Task<object?> OfTask<T>(object? value) => await Required<Task<T>>(value);

    private static async Task<object?> OfValueTask<T>(object? value) => await (ValueTask<T>)value!;

    private static T Required<T>(object? value)
        where T : class =>
        value as T ?? throw new InvalidOperationException("The function returned null instead of a task.");
}
