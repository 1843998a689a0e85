using DataPlatform.Failures;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>Takes the text of transformations apart where parentheses and quotes allow it.</summary>
internal sealed class ApplyText(string option, string whole)
{
    /// <summary>The parts between separators that stand outside of parentheses and quotes, without the spaces around them.</summary>
    public IReadOnlyList<string> Split(string text, char separator)
    {
        List<string> parts = [];
        var start = 0;
        foreach (var (index, character) in Outside(text))
        {
            if (character == separator)
            {
                parts.Add(text[start..index].Trim());
                start = index + 1;
            }
        }

        parts.Add(text[start..].Trim());
        return parts;
    }

    /// <summary>Cuts <c>name(arguments)</c>.</summary>
    public (string Name, string Arguments) Call(string text)
    {
        var opening = text.IndexOf('(', StringComparison.Ordinal);
        if (opening <= 0 || text[^1] != ')')
            throw Invalid(text.Length == 0 ? "it has an empty part" : $"'{Shorten(text)}' is no transformation: those look like filter(…)");

        // The first parenthesis must end with the text: a(b)(c) is no call.
        if (Outside(text[opening..]).First().Index != text.Length - 1 - opening)
            throw Invalid($"something follows the closing parenthesis of '{Shorten(text)}'");
        return (text[..opening].Trim(), text[(opening + 1)..^1].Trim());
    }

    /// <summary>Cuts at the last of a word that stands alone, outside of parentheses and quotes.</summary>
    /// <returns>Null when the word is not there.</returns>
    public (string Before, string After)? CutAtLast(string text, string word)
    {
        var places = Outside(text).Where(place => place.Character == ' ').Select(place => place.Index).ToHashSet();
        for (var index = text.Length - word.Length - 1; index > 0; index--)
        {
            if (places.Contains(index - 1) && places.Contains(index + word.Length) && string.CompareOrdinal(text, index, word, 0, word.Length) == 0)
                return (text[..index].Trim(), text[(index + word.Length)..].Trim());
        }

        return null;
    }

    public TerminalException Invalid(string what) =>
        new(FailureKind.Invalid, "InvalidQueryOption", $"The option {option} can't be understood: {what}.", option);

    public TerminalException Unsupported(string what, string offered) => new(
        FailureKind.NotImplemented, "UnsupportedExpression", $"{what} of {option} is not offered. Offered are {offered}.", option);

    public string Place(string name) => QueryNames.Place(whole, name);

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>The characters outside of parentheses and quotes; an opening parenthesis counts as inside, its closing one as outside.</summary>
    private IEnumerable<(int Index, char Character)> Outside(string text)
    {
        var (depth, quoted) = (0, false);
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '\'')
                quoted = !quoted;
            if (quoted || character == '\'')
                continue;
            if (character == '(')
                depth++;
            else if (character == ')' && --depth < 0)
                throw Invalid($"a parenthesis closes what none opened, in '{Shorten(text)}'");
            if (depth == 0)
                yield return (index, character);
        }

        if (quoted)
            throw Invalid($"a quote is not closed, in '{Shorten(text)}'");
        if (depth > 0)
            throw Invalid($"a parenthesis is not closed, in '{Shorten(text)}'");
    }
}
