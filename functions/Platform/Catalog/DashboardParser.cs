using System.Globalization;

namespace DataPlatform.Catalog;

/// <summary>Reads and checks dashboards. What their tiles ask of marts is checked by who knows these.</summary>
internal static class DashboardParser
{
    public const int MaxTiles = 60;
    private const int MaxFilters = 12;
    private const int MaxPresets = 12;
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRefresh = TimeSpan.FromDays(1);

    public static DashboardDefinition Parse(ObjectReader root, string name)
    {
        var dashboard = new DashboardDefinition
        {
            Name = name,
            Title = root.Text("title", maxLength: 200),
            Description = root.Text("description"),
            Mart = root.Text("mart"),
            Time = Time(root),
            Filters = Filters(root),
            Refresh = Refresh(root),
            Tiles = Tiles(root),
        };
        if (dashboard.Mart is not null)
            PipelineParser.CheckTableName(root, "mart", dashboard.Mart);
        return dashboard;
    }

    private static DashboardTime? Time(ObjectReader root)
    {
        if (root.Object("time") is not { } reader)
            return null;

        var presets = reader.Texts("presets", MaxPresets);
        foreach (var (text, path) in presets)
        {
            if (!Iso8601Duration.TryParse(text, out var length) || length <= TimeSpan.Zero)
                reader.Mistakes.Add("InvalidDuration", path, $"'{ObjectReader.Shorten(text)}' is not an ISO 8601 duration of weeks, days, hours, minutes and seconds: write 'P7D' or 'PT12H'. All times are always offered.");
        }

        var time = new DashboardTime
        {
            Dimension = Dimension(reader),
            Presets = [.. presets.Select(preset => preset.Text)],
            Default = reader.Text("default") ?? DashboardTime.All,
            Until = reader.Choice("until", TimeEnd.Now),
            LastDay = LastDay(reader),
        };
        if (time.Default != DashboardTime.All && !time.Presets.Contains(time.Default))
            reader.Mistakes.Add("UnknownPreset", reader.PathOf("default"), $"'{ObjectReader.Shorten(time.Default)}' is none of 'presets': add it there, or use '{DashboardTime.All}'.");
        reader.Close();
        return time;
    }

    private static DateOnly? LastDay(ObjectReader reader)
    {
        if (reader.Text("lastDay") is not { } text)
            return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            reader.Mistakes.Add("InvalidDate", reader.PathOf("lastDay"), $"'{ObjectReader.Shorten(text)}' is not a day: write '2026-12-31'.");
        return day;
    }

    private static List<DashboardFilter> Filters(ObjectReader root)
    {
        var filters = new List<DashboardFilter>();
        foreach (var (element, path) in root.Items("filters", MaxFilters))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            var filter = new DashboardFilter(Dimension(reader), reader.Text("label", maxLength: 100));
            if (filter.Dimension.Length > 0 && filters.Exists(other => other.Dimension == filter.Dimension))
                reader.Mistakes.Add("DuplicateName", reader.PathOf("dimension"), $"There is a filter of '{filter.Dimension}' already: keep one.");
            filters.Add(filter);
            reader.Close();
        }

        return filters;
    }

    private static string? Refresh(ObjectReader root)
    {
        var refresh = root.Text("refresh");
        if (refresh is not null && !(Iso8601Duration.TryParse(refresh, out var pause) && pause >= ShortestRefresh && pause <= LongestRefresh))
            root.Mistakes.Add("InvalidDuration", root.PathOf("refresh"), $"'{ObjectReader.Shorten(refresh)}' is not an ISO 8601 duration of 5 seconds to 1 day: write 'PT30S' or 'PT5M'.");
        return refresh;
    }

    private static List<TileDefinition> Tiles(ObjectReader root)
    {
        var tiles = new List<TileDefinition>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (element, path) in root.Items("tiles", MaxTiles, required: true))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            var tile = TileParser.Parse(reader, hasMart: root.Has("mart"));
            if (tile.Name.Length > 0 && !names.TryAdd(tile.Name, path))
                root.Mistakes.Add("DuplicateName", $"{path}.name", $"'{tile.Name}' is the name of {names[tile.Name]} too: rename one.");
            tiles.Add(tile);
            reader.Close();
        }

        return tiles;
    }

    private static string Dimension(ObjectReader reader)
    {
        var dimension = reader.Text("dimension", required: true);
        if (dimension is not null && !NameRules.IsTableName(dimension))
            reader.Mistakes.Add("InvalidName", reader.PathOf("dimension"), $"'{ObjectReader.Shorten(dimension)}' is not the name of a mart's dimension: it starts with a letter a-z, then up to 62 of a-z, 0-9 and '_'.");
        return dimension ?? "";
    }
}
