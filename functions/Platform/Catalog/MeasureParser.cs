namespace DataPlatform.Catalog;

/// <summary>Reads and checks the measures of marts.</summary>
internal static class MeasureParser
{
    private const int MaxMeasures = 500;

    /// <summary>Members that one type has.</summary>
    private static readonly (string Member, MeasureType Of)[] Special =
        [("q", MeasureType.Quantile), ("numerator", MeasureType.Ratio), ("denominator", MeasureType.Ratio)];

    /// <param name="columns">Names that are taken, with their places; gets those of the measures.</param>
    public static IReadOnlyList<MeasureDefinition> Parse(ObjectReader root, Dictionary<string, string> columns)
    {
        var measures = new List<MeasureDefinition>();
        var paths = new List<string>();
        foreach (var (element, path) in root.Items("measures", MaxMeasures, required: true))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            measures.Add(Measure(reader, columns));
            paths.Add(path);
            reader.Close();
        }

        for (var i = 0; i < measures.Count; i++)
        {
            CheckPart(root, measures, measures[i].Numerator, $"{paths[i]}.numerator");
            CheckPart(root, measures, measures[i].Denominator, $"{paths[i]}.denominator");
        }

        return measures;
    }

    private static MeasureDefinition Measure(ObjectReader reader, Dictionary<string, string> columns)
    {
        var name = MartParser.Column(reader, columns);
        var type = reader.Choice<MeasureType>("type", required: true);
        var measure = new MeasureDefinition(name, type ?? MeasureType.Count, MartParser.Sql(reader, "sql"), reader.Text("description"))
        {
            Filter = MartParser.Sql(reader, "filter"),
            Q = reader.Number("q", 0, 1),
            Numerator = reader.Text("numerator"),
            Denominator = reader.Text("denominator"),
        };
        if (type is null)
            return measure;

        if (type is not (MeasureType.Count or MeasureType.Ratio) && !reader.Has("sql"))
            Missing(reader, "sql", $"say what '{EnumNames.Of(type.Value)}' is taken of, such as a column's name");
        foreach (var (member, of) in Special)
        {
            if (type == of && !reader.Has(member))
                Missing(reader, member, of == MeasureType.Quantile ? "say which quantile, such as 0.95" : "name another measure");
            else if (type != of && reader.Has(member))
                NotApplicable(reader, member, $"is for measures of the type '{EnumNames.Of(of)}'");
        }

        foreach (var member in (string[])["sql", "filter"])
        {
            if (type == MeasureType.Ratio && reader.Has(member))
                NotApplicable(reader, member, "is not for ratios, which are made of other measures");
        }

        return measure;
    }

    private static void Missing(ObjectReader reader, string member, string fix) =>
        reader.Mistakes.Add("MissingMember", reader.PathOf(member), $"'{member}' is missing: {fix}.");

    private static void NotApplicable(ObjectReader reader, string member, string reason) =>
        reader.Mistakes.Add("NotApplicable", reader.PathOf(member), $"'{member}' {reason}. Remove it.");

    private static void CheckPart(ObjectReader root, List<MeasureDefinition> measures, string? part, string path)
    {
        if (part is null)
            return;

        // By its own type, not by where it stands: a ratio of ratios could go in circles.
        var parts = measures.Where(measure => measure.Type != MeasureType.Ratio).Select(measure => measure.Name).ToList();
        if (measures.Exists(measure => measure.Type == MeasureType.Ratio && measure.Name == part))
            root.Mistakes.Add("InvalidRatio", path, $"'{ObjectReader.Shorten(part)}' is a ratio itself: name measures of other types.");
        else if (!parts.Contains(part))
            root.Mistakes.Add("UnknownMeasure", path, $"There is no measure '{ObjectReader.Shorten(part)}'.{DidYouMean.Sentence(part, parts)}");
    }
}
