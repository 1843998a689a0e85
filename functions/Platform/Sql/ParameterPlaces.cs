using System.Text;
using System.Text.RegularExpressions;

namespace DataPlatform.Sql;

/// <summary>Finds where SQL names parameters: the engine's tree does not tell.</summary>
internal static partial class ParameterPlaces
{
    /// <returns>The place of the first <c>$name</c> that is no part of a text, a name or a comment, as messages say it; empty when there is none.</returns>
    public static string Of(string sql, string name)
    {
        foreach (Match match in Tokens().Matches(sql))
        {
            if (match.Groups["name"] is { Success: true } found && found.Value == name)
                return SqlInspector.Place(sql, (ulong)Encoding.UTF8.GetByteCount(sql.AsSpan(0, match.Index)));
        }

        return "";
    }

    /// <summary>The SQL with a type for each parameter: the engine would take it from the parameter's surroundings, and <c>$n > 0</c> make it an INTEGER,
    /// whatever is bound.</summary>
    /// <param name="typeOf">The SQL type of a parameter.</param>
    public static string Typed(string sql, Func<string, string> typeOf) => Written(sql, name => $"CAST(${name} AS {typeOf(name)})");

    /// <summary>The SQL with something else in the place of each parameter.</summary>
    /// <param name="write">Gives a SQL expression for a parameter.</param>
    public static string Written(string sql, Func<string, string> write) => Tokens().Replace(
        sql, match => match.Groups["name"] is { Success: true } found ? $"({write(found.Value)})" : match.Value);

    [GeneratedRegex("""[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\$(?<tag>[A-Za-z_]*)\$[\s\S]*?\$\k<tag>\$|\$(?<name>[A-Za-z0-9_]+)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tokens();
}
