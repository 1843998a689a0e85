using System.Globalization;
using System.Text;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>Puts names and our own paths into SQL text. Values never go into text: they are bound as parameters.</summary>
public static class SqlText
{
    /// <summary>No table has a column of this name.</summary>
    public const string FileColumn = "?file";

    /// <summary>A name in double quotes.</summary>
    public static string Identifier(string name) =>
        name.Length == 0 || name.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A name needs at least one character and no NUL.", nameof(name))
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Names in double quotes, with commas.</summary>
    public static string Identifiers(IEnumerable<string> names) => string.Join(", ", names.Select(Identifier));

    /// <summary>Text in single quotes.</summary>
    public static string Literal(string text) =>
        text.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A text literal cannot hold NUL.", nameof(text))
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A list of local files for <c>read_parquet</c>.</summary>
    /// <exception cref="ArgumentException">A path holds characters that the engine would take for a pattern.</exception>
    public static string Files(IEnumerable<string> files) =>
        $"[{string.Join(", ", files.Select(file => file.AsSpan().IndexOfAny("*?[") < 0
            ? Literal(file)
            : throw new ArgumentException($"The path '{file}' holds one of * ? [, which SQL takes for a pattern: choose another folder.", nameof(files))))}]";

    /// <summary>
    /// A SELECT over Parquet files that always has exactly the columns given: what a file lacks is NULL, other types are cast,
    /// no file at all gives no row.
    /// </summary>
    /// <param name="complete">True when every file is known to hold every column, which saves reading all footers beforehand.</param>
    /// <param name="instants">True keeps <c>timestamp</c> as TIMESTAMP WITH TIME ZONE, as files hold it; false shows it as UTC
    /// TIMESTAMP, which is several times faster to compute with.</param>
    /// <param name="constants">Columns that are not read from the files, and what they are.</param>
    /// <param name="joined">What is joined to the files' rows, whose column <see cref="FileColumn"/> has the path of their file; null for nothing.</param>
    public static string Relation(
        IReadOnlyList<TableColumn> columns,
        IReadOnlyList<string> files,
        bool complete,
        bool instants = false,
        IReadOnlyDictionary<string, string>? constants = null,
        string? joined = null)
    {
        var text = new StringBuilder("SELECT ");
        for (var i = 0; i < columns.Count; i++)
        {
            var name = Identifier(columns[i].Name);
            text.Append(i == 0 ? "" : ", ");
            if (constants?.GetValueOrDefault(columns[i].Name) is { } constant)
                text.Append(CultureInfo.InvariantCulture, $"{constant} AS {name}");
            else if (columns[i].Type == "timestamp" && !instants)
                text.Append(CultureInfo.InvariantCulture, $"make_timestamp(epoch_us({name})) AS {name}");
            else
                text.Append(CultureInfo.InvariantCulture, $"CAST({name} AS {DeltaTypes.ToSql(columns[i].Type)}) AS {name}");
        }

        text.Append(" FROM ");
        var paths = joined is null ? "" : $", filename => {Literal(FileColumn)}";
        if (files.Count > 0 && complete)
            return text.Append(CultureInfo.InvariantCulture, $"read_parquet({Files(files)}, hive_partitioning => false{paths}){joined}").ToString();

        IReadOnlyList<TableColumn> stored = constants is null ? columns : [.. columns.Where(column => !constants.ContainsKey(column.Name))];
        if (stored.Count == 0)
            stored = columns;
        var typed = string.Join(", ", stored.Select(c => $"CAST(NULL AS {DeltaTypes.ToSql(c.Type)}) AS {Identifier(c.Name)}"));
        text.Append(CultureInfo.InvariantCulture, $"(SELECT {typed} WHERE false");
        if (files.Count > 0)
            text.Append(
                CultureInfo.InvariantCulture,
                $" UNION ALL BY NAME SELECT * FROM read_parquet({Files(files)}, union_by_name => true, hive_partitioning => false{paths})");
        return text.Append(')').Append(joined).ToString();
    }
}
