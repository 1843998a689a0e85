namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Finds the name that was meant by a misspelt one.</summary>
internal static class Suggestion
{
    private const int MostEdits = 3;

    /// <returns><c>"; did you mean X"</c>, or nothing when no name is near.</returns>
    public static string For(string name, IEnumerable<string> known)
    {
        var nearest = known
            .Select(k => (Name: k, Edits: Edits(name.ToUpperInvariant(), k.ToUpperInvariant())))
            .Where(k => k.Edits <= Math.Min(MostEdits, name.Length / 2))
            .OrderBy(k => k.Edits)
            .ThenBy(k => k.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Name is null ? "" : $"; did you mean {nearest.Name}";
    }

    // Levenshtein's distance, one row at a time.
    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
