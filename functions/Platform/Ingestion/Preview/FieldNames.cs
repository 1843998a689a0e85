using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Makes names of fields from those of an input: lowercase words with <c>_</c> between them.</summary>
internal sealed class FieldNames
{
    private const int MaxLength = 100;

    // The letters of Latin-1 from U+00C0 on without their marks; the app runs without culture data, which would know more.
    private const string Latin = "AAAAAA CEEEEIIIIDNOOOOO OUUUUY  aaaaaa ceeeeiiiidnooooo ouuuuy y";

    private readonly HashSet<string> _taken = new(SystemColumns.All, StringComparer.OrdinalIgnoreCase);

    /// <returns>A name that none before has.</returns>
    public string Make(string input)
    {
        var name = Normalize(input);
        var unique = name;
        for (var i = 2; !_taken.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private static string Normalize(string input)
    {
        var name = new StringBuilder();
        var before = ' ';
        foreach (var letter in input)
        {
            var c = letter is >= '\u00C0' and <= '\u00FF' && Latin[letter - 0xC0] is not ' ' and var plain ? plain : letter;
            if (char.IsAsciiLetterOrDigit(c))
            {
                if (char.IsAsciiLetterUpper(c) && char.IsAsciiLetterLower(before))
                    Separate(name);
                name.Append(char.ToLowerInvariant(c));
            }
            else if (c is 'ß' or 'æ' or 'Æ')
            {
                name.Append(c == 'ß' ? "ss" : "ae");
            }
            else
            {
                Separate(name);
            }

            before = c;
            if (name.Length >= MaxLength)
                break;
        }

        while (name.Length > 0 && name[^1] == '_')
            name.Length--;
        return name.Length == 0 ? "field" : char.IsAsciiDigit(name[0]) ? $"field_{name}" : name.ToString();
    }

    private static void Separate(StringBuilder name)
    {
        if (name.Length > 0 && name[^1] != '_')
            name.Append('_');
    }
}
