namespace DataPlatform.Catalog;

/// <summary>Reads and checks marts.</summary>
internal static class MartParser
{
    private const int MaxColumns = 500;

    public static MartDefinition Parse(ObjectReader root, string name)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        var description = root.Text("description");
        var source = root.Text("source", required: true);
        if (source is not null)
            PipelineParser.CheckTableName(root, "source", source);
        if (string.Equals(source, name, StringComparison.Ordinal))
            root.Mistakes.Add("InvalidSource", "$.source", "A mart cannot be its own source: name a dataset or warehouse table.");

        var mart = new MartDefinition
        {
            Name = name,
            Description = description,
            Source = source ?? "",
            Filter = Sql(root, "filter"),
            Dimensions = Dimensions(root, columns),
            Measures = MeasureParser.Parse(root, columns),
            PartitionBy = [.. root.Texts("partitionBy", MaxColumns).Select(item => item.Text)],
            Triggers = TriggerParser.Parse(root),
            Freshness = root.Text("freshness"),
        };

        CheckPartitionBy(root, mart);
        if (mart.Freshness is not null && !Iso8601Duration.TryParse(mart.Freshness, out _))
            root.Mistakes.Add("InvalidDuration", "$.freshness", $"'{ObjectReader.Shorten(mart.Freshness)}' is not an ISO 8601 duration of weeks, days, hours, minutes and seconds: write 'PT1H' or 'P1DT12H'.");
        return mart;
    }

    /// <summary>The name of a dimension or measure.</summary>
    public static string Column(ObjectReader reader, Dictionary<string, string> columns)
    {
        if (reader.Text("name", required: true) is not { } name)
            return "";

        if (NameRules.Reserved.Contains(name))
            reader.Mistakes.Add("ReservedName", reader.PathOf("name"), $"'{name}' is reserved: take another name.");
        else if (!NameRules.IsTableName(name))
            reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a mart's column: start with a letter a-z, then up to 62 of a-z, 0-9 and '_'.");
        else if (!columns.TryAdd(name, reader.Path))
            reader.Mistakes.Add("DuplicateName", reader.PathOf("name"), $"'{name}' is the name of {columns[name]} too: dimensions and measures share their names.");
        return name;
    }

    /// <summary>An expression that must not be empty when it is there.</summary>
    public static string? Sql(ObjectReader reader, string member)
    {
        var sql = reader.Text(member);
        if (sql is not null && string.IsNullOrWhiteSpace(sql))
            reader.Mistakes.Add("EmptyText", reader.PathOf(member), $"'{member}' must not be empty.");
        return sql;
    }

    private static List<DimensionDefinition> Dimensions(ObjectReader root, Dictionary<string, string> columns)
    {
        var dimensions = new List<DimensionDefinition>();
        foreach (var (element, path) in root.Items("dimensions", MaxColumns, required: true))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            dimensions.Add(new DimensionDefinition(Column(reader, columns), Sql(reader, "sql"), reader.Text("description"))
            {
                Grain = reader.Choice<TimeGrain>("grain", required: false),
            });
            reader.Close();
        }

        return dimensions;
    }

    private static void CheckPartitionBy(ObjectReader root, MartDefinition mart)
    {
        var dimensions = mart.Dimensions.Select(dimension => dimension.Name).ToList();
        for (var i = 0; i < mart.PartitionBy.Count; i++)
        {
            var name = mart.PartitionBy[i];
            if (!dimensions.Contains(name))
                root.Mistakes.Add("UnknownDimension", $"$.partitionBy[{i}]", $"There is no dimension '{ObjectReader.Shorten(name)}'.{DidYouMean.Sentence(name, dimensions)}");
        }
    }
}
