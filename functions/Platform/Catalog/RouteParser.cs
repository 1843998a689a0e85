using System.Buffers;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks routes.</summary>
internal static class RouteParser
{
    private const int MaxPatterns = 100;
    private const int MaxPattern = 1000;

    private static readonly SearchValues<char> DatasetCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_*");
    private static readonly SearchValues<char> TypeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+*/");

    public static RouteDefinition Parse(ObjectReader root, string name)
    {
        var route = new RouteDefinition
        {
            Name = name,
            Description = root.Text("description"),
            Dataset = Dataset(root),
            Priority = Number(root, "priority", RouteDefinition.MaxPriority) ?? RouteDefinition.DefaultPriority,
            When = When(root),
            Service = root.Choice<RouteService>("service", required: false),
            To = root.Text("to"),
        };
        if (route.To is not null)
            PipelineParser.CheckTableName(root, "to", route.To);
        if (!root.Has("service") && !root.Has("to"))
            root.Mistakes.Add("MissingMember", root.Path, "The route says neither 'service' nor 'to': name the service that takes the requests, the dataset that gets the rows, or both.");
        return route;
    }

    private static string Dataset(ObjectReader root)
    {
        if (root.Text("dataset", required: true) is not { } pattern)
            return "";
        if (!pattern.Contains('*', StringComparison.Ordinal))
            PipelineParser.CheckTableName(root, "dataset", pattern);
        else if (pattern.Length > MaxPattern || pattern.AsSpan().ContainsAnyExcept(DatasetCharacters))
            root.Mistakes.Add("InvalidName", root.PathOf("dataset"), $"'{ObjectReader.Shorten(pattern)}' matches no dataset: use a-z, 0-9, '_' and '*' for any characters.");
        return pattern;
    }

    private static RouteCondition When(ObjectReader root)
    {
        if (root.Object("when") is not { } reader)
            return new RouteCondition();

        var types = Patterns(reader, "contentType");
        var when = new RouteCondition
        {
            ContentType = [.. types.Select(item => item.Text)],
            MinBytes = Number(reader, "minBytes", RouteCondition.MaxBytesKnown),
            MaxBytes = Number(reader, "maxBytes", RouteCondition.MaxBytesKnown),
            Source = [.. Patterns(reader, "source").Select(item => item.Text)],
        };
        if (when.MinBytes > when.MaxBytes)
            reader.Mistakes.Add("OutOfRange", reader.PathOf("minBytes"), $"'minBytes' is above 'maxBytes', {when.MaxBytes}: no body is of such a size.");
        foreach (var (type, path) in types)
        {
            if (type.AsSpan().ContainsAnyExcept(TypeCharacters) || (type != "*" && type.Count(character => character == '/') != 1))
                reader.Mistakes.Add("InvalidPattern", path, $"'{ObjectReader.Shorten(type)}' is no media type: write it in lower case and without parameters, such as 'text/csv' or 'text/*'.");
        }

        reader.Close();
        return when;
    }

    private static IReadOnlyList<(string Text, string Path)> Patterns(ObjectReader reader, string member)
    {
        var texts = reader.Texts(member, MaxPatterns, required: reader.Has(member));
        foreach (var (text, path) in texts.Where(item => item.Text.Length > MaxPattern))
            reader.Mistakes.Add("TooLong", path, $"This has {text.Length} characters; at most {MaxPattern} are allowed.");
        return texts;
    }

    private static int? Number(ObjectReader reader, string member, int max)
    {
        if (reader.Length(member) is not { } value)
            return null;
        if (value > max)
            reader.Mistakes.Add("OutOfRange", reader.PathOf(member), $"'{member}' must be a whole number from 0 to {max}.");
        return value;
    }
}
