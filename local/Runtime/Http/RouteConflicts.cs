using DataPlatform.Local.Runtime.Functions;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>
/// Finds pairs of routes that the official host breaks on. Its first part takes the first function by name; then the worker
/// routes a second time, as ASP.NET Core does, and fails when two routes of one precedence match: the request hangs for 15 s.
/// </summary>
internal static class RouteConflicts
{
    public static void Check(IReadOnlyList<HttpRoute> routes, StartErrors errors)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            for (var j = i + 1; j < routes.Count; j++)
            {
                Check(routes[i], routes[j], errors);
            }
        }
    }

    private static void Check(HttpRoute first, HttpRoute second, StartErrors errors)
    {
        if (!first.SharesMethod(second))
        {
            return;
        }

        // Where one takes all methods and the other lists its own, the worker prefers the latter, and nothing breaks but for equal texts.
        var isUndecided = first.TakesAllMethods == second.TakesAllMethods;
        if (isUndecided ? first.Shape == second.Shape : string.Equals(first.Template, second.Template, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(
                second.Function.Name,
                $"its route '{second.Template}' is the same as that of {first.Function.Name}, with a common method; the official host hangs on it",
                "change the route or the methods of one of them");
        }
        else if (isUndecided && first.Precedence == second.Precedence && RouteWitness.Find(first, second) is { } path)
        {
            errors.Add(
                second.Function.Name,
                $"its route '{second.Template}' and '{first.Template}' of {first.Function.Name} both match {path}, and none is more specific; the official host hangs on it",
                "tell them apart by a literal segment, or by constraints that exclude each other");
        }
    }
}
