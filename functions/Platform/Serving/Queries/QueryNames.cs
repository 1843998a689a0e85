namespace DataPlatform.Serving.Queries;

/// <summary>Finds names in query text.</summary>
internal static class QueryNames
{
    /// <summary>The first place of an identifier outside quoted text, counted from 1; null when it isn't there.</summary>
    public static int? Find(string text, string identifier)
    {
        var quoted = false;
        for (var index = 0; index + identifier.Length <= text.Length; index++)
        {
            if (text[index] == '\'')
                quoted = !quoted;
            else if (!quoted
                && string.CompareOrdinal(text, index, identifier, 0, identifier.Length) == 0
                && (index == 0 || !IsPart(text[index - 1]))
                && (index + identifier.Length == text.Length || !IsPart(text[index + identifier.Length])))
                return index + 1;
        }

        return null;
    }

    /// <summary>" at position 5", or nothing.</summary>
    public static string Place(string text, string identifier) => Find(text, identifier) is { } position ? $" at position {position}" : "";

    private static bool IsPart(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
