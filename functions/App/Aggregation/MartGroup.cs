using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;

namespace DataPlatform.App.Aggregation;

/// <summary>Reads which row of a mart a request means.</summary>
internal static class MartGroup
{
    /// <summary>Lists the dimensions that are null, with commas.</summary>
    public const string NullOption = "null";

    /// <exception cref="TerminalException"><c>MissingQueryOption</c>, <c>InvalidQueryOption</c>.</exception>
    public static IReadOnlyDictionary<string, string?> Read(MartDefinition mart, QueryOptions query)
    {
        var nulls = query.Text(NullOption)?.Split(',') ?? [];
        var group = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var dimension in mart.Dimensions.Select(dimension => dimension.Name))
        {
            group[dimension] = query.Text(dimension);
            if (group[dimension] is null && !nulls.Contains(dimension))
                throw new TerminalException(FailureKind.Invalid, "MissingQueryOption", $"The row of '{mart.Name}' needs a value of '{dimension}': give '{dimension}=…', or '{NullOption}={dimension}'.", dimension);
        }

        return nulls.FirstOrDefault(name => group.GetValueOrDefault(name, "") is not null) is { } wrong
            ? throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"'{NullOption}' lists '{wrong}', which is no dimension without a value.", NullOption)
            : group;
    }
}
