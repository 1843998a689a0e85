using System.Text.Json;

namespace DataPlatform.Catalog;

/// <summary>The words documents use for the values of enums: <c>DiscardRow</c> is <c>discard_row</c>.</summary>
public static class EnumNames
{
    /// <summary>All words, in the order of the enum.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Words<T>.All;

    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static bool TryParse<T>(string word, out T value)
        where T : struct, Enum => Words<T>.ByName.TryGetValue(word, out value);

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<T>().Select(Of)];

        public static readonly Dictionary<string, T> ByName = Enum.GetValues<T>().ToDictionary(Of, StringComparer.Ordinal);
    }
}
