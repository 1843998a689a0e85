namespace DataPlatform.Catalog;

/// <summary>Reads and checks the tiles of dashboards.</summary>
internal static class TileParser
{
    public const int MaxTop = 10_000;
    private const int MaxGroups = 8;
    private const int MaxMeasures = 20;
    private const int MaxDecimals = 6;
    private const int MaxWidth = 4;

    /// <param name="hasMart">Whether the dashboard names a mart for tiles without one.</param>
    public static TileDefinition Parse(ObjectReader reader, bool hasMart)
    {
        var name = reader.Text("name", required: true);
        if (name is not null && !NameRules.IsPipelineName(name))
            reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a tile: start with a letter a-z, then up to 62 of a-z, 0-9, '_' and '-'.");

        var type = reader.Choice<TileType>("type", required: true);
        var tile = new TileDefinition
        {
            Name = name ?? "",
            Type = type ?? TileType.Table,
            Title = reader.Text("title", maxLength: 200),
            Description = reader.Text("description"),
            Mart = Mart(reader, hasMart),
            Compute = Expression(reader, "compute"),
            GroupBy = Names(reader, "groupBy", MaxGroups, required: false),
            Measures = Names(reader, "measures", MaxMeasures, required: true),
            Filter = Expression(reader, "filter"),
            OrderBy = Expression(reader, "orderBy"),
            Top = Whole(reader, "top", 1, MaxTop),
            Unit = reader.Text("unit", maxLength: 20),
            Decimals = Whole(reader, "decimals", 0, MaxDecimals),
            Better = reader.Choice<BetterWhen>("better", required: false),
            Width = Whole(reader, "width", 1, MaxWidth),
        };
        if (type is not null && tile.Measures.Count > 0)
            CheckShape(reader, tile);
        return tile;
    }

    private static string? Mart(ObjectReader reader, bool hasMart)
    {
        var mart = reader.Text("mart");
        if (mart is not null)
            PipelineParser.CheckTableName(reader, "mart", mart);
        else if (!hasMart && !reader.Has("mart"))
            reader.Mistakes.Add("MissingMember", reader.PathOf("mart"), "'mart' is missing: name the mart that the tile shows, here or for all tiles at the top of the document.");
        return mart;
    }

    private static string? Expression(ObjectReader reader, string member)
    {
        var text = reader.Text(member);
        if (text is not null && string.IsNullOrWhiteSpace(text))
            reader.Mistakes.Add("EmptyText", reader.PathOf(member), $"'{member}' must not be empty: leave it out.");
        return text;
    }

    private static List<string> Names(ObjectReader reader, string member, int max, bool required)
    {
        var names = new List<string>();
        foreach (var (text, path) in reader.Texts(member, max, required))
        {
            if (!NameRules.IsTableName(text))
                reader.Mistakes.Add("InvalidName", path, $"'{ObjectReader.Shorten(text)}' is not the name of a column: it starts with a letter a-z, then up to 62 of a-z, 0-9 and '_'.{(member == "groupBy" ? " Expressions go to 'compute'." : "")}");
            else
                names.Add(text);
        }

        return names;
    }

    private static int? Whole(ObjectReader reader, string member, int min, int max)
    {
        if (reader.Length(member) is not { } value)
            return null;
        if (value < min || value > max)
            reader.Mistakes.Add("OutOfRange", reader.PathOf(member), $"'{member}' must be a whole number from {min} to {max}.");
        return value;
    }

    /// <summary>Each way of drawing has a place for so many groups and measures.</summary>
    private static void CheckShape(ObjectReader reader, TileDefinition tile)
    {
        var (fewest, most, rule) = tile.Type switch
        {
            TileType.Kpi => (0, 0, "shows one number and groups by nothing"),
            TileType.Line or TileType.Area => (1, 2, "groups by what it runs over and, if there are to be several lines, by what tells them apart"),
            TileType.Bar => (1, 1, "groups by what has a bar each"),
            TileType.Stacked => (2, 2, "groups by what has a bar each and by what these are made of"),
            TileType.Heatmap => (2, 2, "groups by what goes to the right and by what goes up"),
            _ => (0, MaxGroups, ""),
        };
        var word = EnumNames.Of(tile.Type);
        if (tile.GroupBy.Count < fewest || tile.GroupBy.Count > most)
            reader.Mistakes.Add("WrongShape", reader.PathOf("groupBy"), $"A tile of type '{word}' {rule}: {Count(fewest, most)}, not {tile.GroupBy.Count}.");

        var single = tile.Type is TileType.Kpi or TileType.Stacked or TileType.Heatmap || (tile.Type is TileType.Line or TileType.Area && tile.GroupBy.Count == 2);
        if (single && tile.Measures.Count > 1)
            reader.Mistakes.Add("WrongShape", reader.PathOf("measures"), $"A tile of type '{word}'{(tile.Type is TileType.Line or TileType.Area ? " with two groups" : "")} shows one measure, not {tile.Measures.Count}: make a tile for each.");
    }

    private static string Count(int fewest, int most) => fewest == most ? $"{fewest} in 'groupBy'" : $"{fewest} or {most} in 'groupBy'";
}
