namespace DataPlatform.Serving.Queries;

/// <summary>Finds names in query text and the known name that an unknown one was probably meant to be.</summary>
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

    /// <summary>" Did you mean 'delay'?", or nothing when no name is near.</summary>
    public static string DidYouMean(string name, IEnumerable<string> known)
    {
        var near = known
            .Select(candidate => (candidate, distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(pair => pair.distance <= Math.Max(1, Math.Min(name.Length, pair.candidate.Length) / 3))
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
        return near is null ? "" : $" Did you mean '{near}'?";
    }

    private static bool IsPart(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    /// <summary>Levenshtein's, with one row of memory.</summary>
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 8)
            return int.MaxValue;
        Span<int> row = stackalloc int[Math.Min(right.Length, 256) + 1];
        right = right[..(row.Length - 1)];
        for (var column = 0; column < row.Length; column++)
            row[column] = column;
        for (var line = 1; line <= left.Length; line++)
        {
            var diagonal = row[0];
            row[0] = line;
            for (var column = 1; column < row.Length; column++)
            {
                var above = row[column];
                row[column] = Math.Min(
                    Math.Min(row[column] + 1, row[column - 1] + 1), diagonal + (left[line - 1] == right[column - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
