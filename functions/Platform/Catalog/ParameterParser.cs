namespace DataPlatform.Catalog;

/// <summary>Reads the parameters of pipelines, and values for them.</summary>
internal static class ParameterParser
{
    private const int MaxParameters = 50;

    public static IReadOnlyList<ParameterDefinition> Parse(ObjectReader root)
    {
        List<ParameterDefinition> parameters = [];
        foreach (var (element, path) in root.Items("parameters", MaxParameters))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;
            var name = reader.Text("name", required: true);
            if (name is not null && !NameRules.IsTableName(name))
                reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a parameter: start with a letter a-z, then up to 62 of a-z, 0-9 and '_'.");
            else if (parameters.Any(other => other.Name == name))
                reader.Mistakes.Add("DuplicateName", reader.PathOf("name"), $"'{name}' is the name of another parameter: rename one.");
            var type = reader.Choice<ParameterType>("type", required: true);
            var fallback = type is { } known ? Value(reader, "default", known) : reader.Scalar("default");
            parameters.Add(new ParameterDefinition(name ?? "", type ?? ParameterType.String, fallback, reader.Text("description")));
            reader.Close();
        }

        return parameters;
    }

    /// <summary>The values that a request gives.</summary>
    public static IReadOnlyDictionary<string, string> Values(ObjectReader? reader, IReadOnlyList<ParameterDefinition> parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in reader is null ? [] : parameters)
        {
            if (reader!.Has(parameter.Name) && Value(reader, parameter.Name, parameter.Type) is { } value)
                values[parameter.Name] = value;
            else
                _ = reader.Has(parameter.Name) ? null : reader.Scalar(parameter.Name);
        }

        reader?.Close();
        return values;
    }

    private static string? Value(ObjectReader reader, string member, ParameterType type)
    {
        if (reader.Scalar(member) is not { } text)
            return null;
        if (ParameterValue.Normalize(type, text) is { } value)
            return value;
        reader.Mistakes.Add("InvalidValue", reader.PathOf(member), $"'{ObjectReader.Shorten(text)}' is no {EnumNames.Of(type)}: write {ParameterValue.Example(type)}.");
        return null;
    }
}
