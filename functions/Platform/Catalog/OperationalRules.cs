namespace DataPlatform.Catalog;

/// <summary>What a contract must be for its rows to be in the operational store.</summary>
internal static class OperationalRules
{
    public static void Check(
        ObjectReader root, List<FieldDefinition> fields, IReadOnlyList<(string Text, string Path)> key, bool operational, string? orderBy)
    {
        if (!operational)
        {
            if (orderBy is not null)
                root.Mistakes.Add("NotApplicable", "$.orderBy", "'orderBy' says which row of a key is the latest in the operational store: add \"operational\": true, or remove it.");
            return;
        }

        if (key.Count == 0)
            root.Mistakes.Add("MissingKey", "$.key", "'operational' keeps the latest row of each key: name the key's fields in 'key'.");
        foreach (var (name, path) in key)
        {
            if (fields.Find(field => field.Name == name) is { Type: FieldType.Float64 or FieldType.Binary or FieldType.Json } field)
                root.Mistakes.Add("InvalidKey", path, $"'{name}' is {EnumNames.Of(field.Type)}, which cannot be part of an address in the operational store: take another field.");
        }

        if (orderBy is not null)
            CheckOrder(root, fields, orderBy);
    }

    private static void CheckOrder(ObjectReader root, List<FieldDefinition> fields, string orderBy)
    {
        const string Path = "$.orderBy";
        if (fields.Find(field => field.Name == orderBy) is not { } field)
            root.Mistakes.Add("UnknownField", Path, $"There is no field '{ObjectReader.Shorten(orderBy)}' in 'fields'.{DidYouMean.Sentence(orderBy, fields.Select(candidate => candidate.Name))}");
        else if (field.Type is not (FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal or FieldType.Date or FieldType.Time or FieldType.Timestamp))
            root.Mistakes.Add("InvalidOrder", Path, $"'{orderBy}' is {EnumNames.Of(field.Type)}, and rows are ordered by a number, a date or a time: take another field.");
        else if (!field.Required)
            root.Mistakes.Add("OrderNotRequired", Path, $"Rows are ordered by '{orderBy}', so it must always be there: set \"required\": true on it.");
        else if (field.Pii is not null)
            root.Mistakes.Add("InvalidOrder", Path, $"'{orderBy}' has 'pii', which leaves nothing to order by: take another field.");
    }
}
