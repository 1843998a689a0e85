namespace DataPlatform.Ingestion.Routing;

/// <summary>Patterns in which <c>*</c> stands for any characters, also none. Everything else stands for itself.</summary>
internal static class RoutePattern
{
    /// <remarks>Goes back to the last star only, so time is bounded by the product of the lengths.</remarks>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var (at, read) = (0, 0);
        var (star, resume) = (-1, 0);
        while (read < text.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, resume) = (at++, read);
            }
            else if (at < pattern.Length && pattern[at] == text[read])
            {
                at++;
                read++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                read = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].IndexOfAnyExcept('*') < 0;
    }
}
