namespace DataPlatform.Catalog;

/// <summary>Reads the checks of a contract. Their conditions are checked where expressions are.</summary>
internal static class CheckParser
{
    private const int MaxChecks = 100;
    private const int MaxMessage = 500;

    public static List<CheckDefinition> Parse(ObjectReader root)
    {
        var checks = new List<CheckDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (element, path) in root.Items("checks", MaxChecks))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            var name = reader.Text("name", required: true);
            var condition = reader.Text("condition", required: true, FieldParser.MaxExpression);
            var message = reader.Text("message", required: reader.Has("message"), MaxMessage);
            var onFail = reader.Choice("onFail", CheckAction.Quarantine);
            if (name is not null && !NameRules.IsFieldName(name))
                reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a check: start with a letter or '_', then up to 127 letters (A-Z, a-z), digits and '_'.");
            else if (name is not null && !names.Add(name))
                reader.Mistakes.Add("DuplicateName", reader.PathOf("name"), $"Another check is called '{name}' too: rename one.");
            if (name is not null && condition is not null)
                checks.Add(new CheckDefinition(name, condition, message, onFail));
            reader.Close();
        }

        return checks;
    }
}
