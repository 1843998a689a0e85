namespace DataPlatform.Catalog;

/// <summary>Reads and checks contracts.</summary>
internal static class DatasetParser
{
    public const int MaxFields = 1000;

    private const int MaxPartitionFields = 8;

    public static DatasetDefinition Parse(ObjectReader root, string name)
    {
        var description = root.Text("description");
        var disposition = root.Choice("writeDisposition", WriteDisposition.Append);
        var fields = Fields(root);
        var key = root.Texts("key", MaxFields);
        var unique = root.Flag("unique");
        var dedupe = Dedupe(root, disposition, key.Count > 0);
        var operational = root.Flag("operational");
        var orderBy = root.Text("orderBy");
        var checks = CheckParser.Parse(root);
        var onUnexpected = Unexpected(root);
        var raw = root.Choice("raw", RawPolicy.Keep);
        var partitionBy = root.Texts("partitionBy", MaxPartitionFields);
        var timeZone = root.Text("timeZone");
        var csv = CsvDialectParser.Parse(root.Object("csv"));

        CheckKey(root, fields, key);
        CheckPartitionBy(root, fields, partitionBy);
        if (disposition == WriteDisposition.Merge && key.Count == 0)
            root.Mistakes.Add("MissingKey", "$.key", "'writeDisposition' is 'merge', which finds rows by their key: name its fields in 'key'.");
        if (timeZone is not null)
            TriggerParser.CheckTimeZone(root, "timeZone", timeZone);
        if (unique && disposition == WriteDisposition.Merge)
            root.Mistakes.Add("NotApplicable", "$.unique", "With 'writeDisposition' 'merge' the last row of a key wins, and there is one row of each anyway. Remove 'unique'.");
        else if (unique && key.Count == 0)
            root.Mistakes.Add("MissingKey", "$.key", "'unique' is about the key: name its fields in 'key'.");
        OperationalRules.Check(root, fields, key, operational, orderBy);
        if (operational && dedupe is not null)
            root.Mistakes.Add("NotApplicable", "$.dedupe", "With 'dedupe' the first row of a key counts, and 'operational' keeps the latest: remove one of them.");
        CheckVariants(root, fields, onUnexpected);
        CheckPii(root, fields, key, onUnexpected, raw);

        return new DatasetDefinition
        {
            Name = name,
            Description = description,
            WriteDisposition = disposition,
            Fields = fields,
            Key = [.. key.Select(item => item.Text)],
            Unique = unique,
            Dedupe = dedupe,
            Operational = operational,
            OrderBy = orderBy,
            Checks = checks,
            OnUnexpected = onUnexpected,
            Raw = raw,
            PartitionBy = [.. partitionBy.Select(item => item.Text)],
            TimeZone = timeZone ?? "UTC",
            Csv = csv,
        };
    }

    private static List<FieldDefinition> Fields(ObjectReader root)
    {
        var fields = new List<FieldDefinition>();
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var inputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (element, path) in root.Items("fields", MaxFields, required: true))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            if (FieldParser.Parse(reader) is { } field)
            {
                if (!names.TryAdd(field.Name, path))
                    root.Mistakes.Add("DuplicateName", $"{path}.name", $"'{field.Name}' is the name of {names[field.Name]} too (names are unique ignoring case): rename one, and give its 'source' if the input has that name.");
                else if (!inputs.TryAdd(field.InputName, path))
                    root.Mistakes.Add("DuplicateName", reader.PathOf(field.Source is null ? "name" : "source"), $"'{ObjectReader.Shorten(field.InputName)}' is read by {inputs[field.InputName]} too: each field needs an input of its own.");
                fields.Add(field);
            }

            reader.Close();
        }

        return fields;
    }

    private static DedupeDefinition? Dedupe(ObjectReader root, WriteDisposition disposition, bool hasKey)
    {
        if (root.Object("dedupe") is not { } inner)
            return null;
        var text = inner.Text("window", required: true);
        inner.Close();
        if (disposition != WriteDisposition.Append)
            root.Mistakes.Add("NotApplicable", "$.dedupe", $"'dedupe' is for 'writeDisposition' 'append', and it is '{EnumNames.Of(disposition)}': remove one of them.");
        else if (!hasKey)
            root.Mistakes.Add("MissingKey", "$.key", "'dedupe' is about the key: name its fields in 'key'.");
        if (text is null)
            return null;
        if (Iso8601Duration.TryParse(text, out var window))
            return new DedupeDefinition(window);
        root.Mistakes.Add("InvalidDuration", inner.PathOf("window"), $"'{ObjectReader.Shorten(text)}' is no ISO 8601 duration of weeks, days, hours, minutes and seconds up to 10,000 days: write \"P7D\" or \"PT12H\".");
        return null;
    }

    private static UnexpectedRules Unexpected(ObjectReader root)
    {
        if (root.Inner("onUnexpected") is not { } inner)
            return root.Choice("onUnexpected", UnexpectedPolicy.Quarantine);

        var rules = new UnexpectedRules(inner.Choice("columns", UnexpectedPolicy.Quarantine), inner.Choice("types", UnexpectedPolicy.Quarantine));
        inner.Close();
        return rules;
    }

    private static void CheckVariants(ObjectReader root, List<FieldDefinition> fields, UnexpectedRules onUnexpected)
    {
        if (onUnexpected.Types != UnexpectedPolicy.Evolve)
            return;
        foreach (var field in fields)
        {
            var variant = field.Name + UnexpectedRules.VariantSuffix;
            if (!NameRules.IsFieldName(variant) || fields.Exists(other => other.Name.Equals(variant, StringComparison.OrdinalIgnoreCase)))
                root.Mistakes.Add("DuplicateName", "$.onUnexpected.types", $"'evolve' keeps values of '{field.Name}' that are of another type in a column '{ObjectReader.Shorten(variant)}', which is too long or a field already: rename one of them.");
        }
    }

    private static void CheckPii(
        ObjectReader root, List<FieldDefinition> fields, IReadOnlyList<(string Text, string Path)> key, UnexpectedRules onUnexpected, RawPolicy raw)
    {
        if (!fields.Exists(field => field.Pii is not null))
        {
            if (raw == RawPolicy.Redacted)
                root.Mistakes.Add("NotApplicable", "$.raw", "'redacted' leaves out personal values, and no field has 'pii': say \"keep\", or mark the fields.");
            return;
        }

        if (raw == RawPolicy.Keep)
            root.Mistakes.Add("RawHoldsPii", "$.raw", "Fields have 'pii', and 'keep' would keep their values in the raw zone: say \"raw\": \"redacted\" or \"none\".");
        if (onUnexpected.Columns == UnexpectedPolicy.Evolve)
            root.Mistakes.Add("UnprotectedPii", root.PathOf("onUnexpected"), "Fields have 'pii', and 'evolve' would load fields that nobody has looked at, unprotected: choose another policy for columns.");
        foreach (var (name, path) in key)
        {
            if (fields.Exists(field => field.Name == name && field.Pii is PiiRule.Drop or PiiRule.Mask))
                root.Mistakes.Add("KeyLosesValue", path, $"'{name}' is part of the key, and its 'pii' makes different values equal: say \"hash\", or take another key.");
        }
    }

    private static void CheckKey(ObjectReader root, List<FieldDefinition> fields, IReadOnlyList<(string Text, string Path)> key)
    {
        foreach (var (name, path) in key)
        {
            if (Find(root, fields, name, path) is { Required: false })
                root.Mistakes.Add("KeyNotRequired", path, $"'{name}' is part of the key, so it must always be there: set \"required\": true on it.");
        }
    }

    private static void CheckPartitionBy(
        ObjectReader root, List<FieldDefinition> fields, IReadOnlyList<(string Text, string Path)> partitionBy)
    {
        foreach (var (name, path) in partitionBy)
        {
            if (Find(root, fields, name, path) is { Type: FieldType.Binary or FieldType.Json or FieldType.Float64 } field)
                root.Mistakes.Add("InvalidPartition", path, $"'{name}' is {EnumNames.Of(field.Type)}, which cannot be the value of a partition: choose another field.");
            if (name.StartsWith('_'))
                root.Mistakes.Add("InvalidPartition", path, $"'{ObjectReader.Shorten(name)}' starts with '_': folders so named are hidden from other readers. Choose another field.");
        }

        if (fields.Count > 0 && fields.TrueForAll(field => partitionBy.Any(item => item.Text == field.Name)))
            root.Mistakes.Add("InvalidPartition", "$.partitionBy", "Every field is a partition field: leave at least one out, for the files need a column.");
    }

    private static FieldDefinition? Find(ObjectReader root, List<FieldDefinition> fields, string name, string path)
    {
        var field = fields.Find(candidate => string.Equals(candidate.Name, name, StringComparison.Ordinal));
        if (field is null)
            root.Mistakes.Add("UnknownField", path, $"There is no field '{ObjectReader.Shorten(name)}' in 'fields'.{DidYouMean.Sentence(name, fields.Select(candidate => candidate.Name))}");
        return field;
    }
}
