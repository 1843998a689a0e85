using System.Buffers;

namespace DataPlatform.Catalog;

/// <summary>How things may be called.</summary>
public static class NameRules
{
    private static readonly SearchValues<char> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> LowerRest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> PipelineRest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly SearchValues<char> Letter = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
    private static readonly SearchValues<char> LetterRest =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Words of the platform's SQL that no table may take: <c>new.X</c> and <c>system.X</c>.</summary>
    public static IReadOnlyList<string> Reserved { get; } = ["new", "system"];

    /// <summary>For datasets, warehouse tables, marts and marts' columns: <c>[a-z][a-z0-9_]{0,62}</c>.</summary>
    public static bool IsTableName(string name) => Matches(name, 63, Lower, LowerRest) && !Reserved.Contains(name);

    /// <summary>For pipelines, steps, routes, dashboards and tiles: <c>[a-z][a-z0-9_-]{0,62}</c>.</summary>
    public static bool IsPipelineName(string name) => Matches(name, 63, Lower, PipelineRest);

    /// <summary>For contract fields and columns of warehouse tables: <c>[A-Za-z_][A-Za-z0-9_]{0,127}</c>.</summary>
    public static bool IsFieldName(string name) => Matches(name, 128, Letter, LetterRest);

    /// <summary>For the document of a kind.</summary>
    public static bool IsDefinitionName(DefinitionKind kind, string name) =>
        MayHaveDashes(kind) ? IsPipelineName(name) : IsTableName(name);

    /// <summary>Whether documents of the kind are named by themselves, and not by the tables of SQL.</summary>
    internal static bool MayHaveDashes(DefinitionKind kind) => kind is DefinitionKind.Pipeline or DefinitionKind.Route or DefinitionKind.Dashboard;

    private static bool Matches(string name, int longest, SearchValues<char> first, SearchValues<char> rest) =>
        name.Length is > 0 && name.Length <= longest && first.Contains(name[0]) && !name.AsSpan(1).ContainsAnyExcept(rest);
}
