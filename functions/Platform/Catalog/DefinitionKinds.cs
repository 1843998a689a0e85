namespace DataPlatform.Catalog;

/// <summary>What the kinds of documents are called in addresses, messages and storage.</summary>
internal static class DefinitionKinds
{
    public static DefinitionKind Of<T>()
        where T : class
    {
        if (typeof(T) == typeof(DatasetDefinition))
            return DefinitionKind.Dataset;
        if (typeof(T) == typeof(PipelineDefinition))
            return DefinitionKind.Pipeline;
        if (typeof(T) == typeof(MartDefinition))
            return DefinitionKind.Mart;
        if (typeof(T) == typeof(RouteDefinition))
            return DefinitionKind.Route;
        if (typeof(T) == typeof(DashboardDefinition))
            return DefinitionKind.Dashboard;
        throw new InvalidOperationException($"{typeof(T).Name} is not a definition.");
    }

    /// <summary>One of the kind: <c>dataset</c>.</summary>
    public static string Word(DefinitionKind kind) => EnumNames.Of(kind);

    /// <summary>The kind's segment in paths and addresses: <c>datasets</c>.</summary>
    public static string Plural(DefinitionKind kind) => Word(kind) + "s";

    /// <summary>For messages: <c>dataset 'flights'</c>.</summary>
    public static string Describe(DefinitionKind kind, string name) => $"{Word(kind)} '{ObjectReader.Shorten(name)}'";
}
