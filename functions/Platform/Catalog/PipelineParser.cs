namespace DataPlatform.Catalog;

/// <summary>Reads and checks pipelines.</summary>
internal static class PipelineParser
{
    public const int MaxSteps = 200;
    public const int MaxPartitions = 1000;
    private const int MaxKey = 100;
    private const int MaxPartitionColumns = 8;
    private const int MaxExpectations = 200;

    public static PipelineDefinition Parse(ObjectReader root, string name)
    {
        var description = root.Text("description");
        var steps = new List<StepDefinition>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (element, path) in root.Items("steps", MaxSteps, required: true))
        {
            if (ObjectReader.Open(element, path, root.Mistakes) is not { } reader)
                continue;

            var step = Step(reader);
            if (step.Name.Length > 0 && !names.TryAdd(step.Name, path))
                root.Mistakes.Add("DuplicateName", $"{path}.name", $"'{step.Name}' is the name of {names[step.Name]} too: rename one.");
            if (steps.Find(other => other.Target == step.Target && !other.PartitionBy.SequenceEqual(step.PartitionBy)) is { } other)
                reader.Mistakes.Add("InvalidPartition", reader.PathOf("partitionBy"), $"Step '{other.Name}' writes '{step.Target}' too, but divides its files by {PartitionsOf(other)}: say the same in both.");
            steps.Add(step);
            reader.Close();
        }

        var parameters = ParameterParser.Parse(root);
        var triggers = TriggerParser.Parse(root);
        if (triggers.Count > 0 && parameters.Select((parameter, i) => (parameter, i)).FirstOrDefault(pair => pair.parameter.Default is null) is { parameter: not null } needed)
            root.Mistakes.Add("MissingDefault", $"$.parameters[{needed.i}]", $"The pipeline has triggers, whose runs are given no values: give '{needed.parameter.Name}' a 'default'.");

        return new PipelineDefinition
        {
            Name = name,
            Description = description,
            Parameters = parameters,
            Steps = steps,
            Concurrency = root.Choice("concurrency", RunConcurrency.Queue),
            Retry = RetryParser.Retry(root),
            Timeout = RetryParser.Timeout(root),
            Triggers = triggers,
        };
    }

    private static string PartitionsOf(StepDefinition step) => step.PartitionBy.Count == 0 ? "nothing" : string.Join(", ", step.PartitionBy);

    private static StepDefinition Step(ObjectReader reader)
    {
        var name = reader.Text("name", required: true);
        if (name is not null && !NameRules.IsPipelineName(name))
            reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name a step: start with a letter a-z, then up to 62 of a-z, 0-9, '_' and '-'.");

        var target = reader.Text("target", required: true);
        if (target is not null)
            CheckTableName(reader, "target", target);

        var step = new StepDefinition
        {
            Name = name ?? "",
            Target = target ?? "",
            Mode = reader.Choice("mode", StepMode.Append),
            Parallel = reader.Choice("parallel", StepParallelism.None),
            SplitBy = Columns(reader, "splitBy"),
            Partitions = reader.Length("partitions"),
            Retry = RetryParser.Retry(reader),
            Timeout = RetryParser.Timeout(reader),
            Sql = reader.Text("sql", required: true) ?? "",
            Key = Columns(reader, "key"),
            PartitionBy = Columns(reader, "partitionBy", MaxPartitionColumns),
            OnSourceChange = reader.Choice("onSourceChange", SourceChange.Fail),
            DeleteWhen = reader.Text("deleteWhen"),
            Expectations = Expectations(reader),
        };
        if (step.Mode == StepMode.Merge && step.Key.Count == 0)
            reader.Mistakes.Add("MissingKey", reader.PathOf("key"), "'mode' is 'merge', which finds rows by their key: name its columns in 'key'.");
        if (step is { OnSourceChange: SourceChange.Changes, Mode: not StepMode.Merge })
            reader.Mistakes.Add("NotMerge", reader.PathOf("onSourceChange"), "'changes' gives rows that were deleted too, which only a merge can take out of the target: set 'mode' to 'merge', or use 'skip' or 'fail'.");
        if (step is { DeleteWhen: not null, Mode: not StepMode.Merge })
            reader.Mistakes.Add("NotMerge", reader.PathOf("deleteWhen"), "'deleteWhen' deletes rows by their key, which only a merge has: set 'mode' to 'merge', or leave it out.");
        if (step.PartitionBy.FirstOrDefault(column => column.StartsWith('_')) is { } hidden)
            reader.Mistakes.Add("InvalidPartition", reader.PathOf("partitionBy"), $"'{hidden}' starts with '_': folders so named are hidden from other readers. Divide by another column.");
        CheckSplit(reader, step);
        return step;
    }

    private static void CheckSplit(ObjectReader reader, StepDefinition step)
    {
        if (step.Parallel == StepParallelism.Keys)
        {
            if (step.SplitBy.Count == 0)
                reader.Mistakes.Add("MissingMember", reader.PathOf("splitBy"), "'parallel' is 'keys': name the columns whose equal values belong together in 'splitBy'.");
            if (step.Partitions is < 1 or > MaxPartitions)
                reader.Mistakes.Add("OutOfRange", reader.PathOf("partitions"), $"'partitions' must be a whole number from 1 to {MaxPartitions}; leave it out to decide by the input's size.");
            return;
        }

        foreach (var member in (string[])["splitBy", "partitions"])
        {
            if (reader.Has(member))
                reader.Mistakes.Add("NotApplicable", reader.PathOf(member), $"'{member}' is for 'parallel': 'keys'. Remove it, or set that.");
        }
    }

    public static void CheckTableName(ObjectReader reader, string member, string name)
    {
        if (NameRules.Reserved.Contains(name))
            reader.Mistakes.Add("ReservedName", reader.PathOf(member), $"'{name}' is reserved: take another name.");
        else if (!NameRules.IsTableName(name))
            reader.Mistakes.Add("InvalidName", reader.PathOf(member), $"'{ObjectReader.Shorten(name)}' cannot name a table: start with a letter a-z, then up to 62 of a-z, 0-9 and '_'.");
    }

    private static List<string> Columns(ObjectReader reader, string member, int most = MaxKey)
    {
        var key = new List<string>();
        foreach (var (name, path) in reader.Texts(member, most))
        {
            if (!NameRules.IsFieldName(name))
                reader.Mistakes.Add("InvalidName", path, $"'{ObjectReader.Shorten(name)}' is not the name of a column.");
            key.Add(name);
        }

        return key;
    }

    private static List<ExpectationDefinition> Expectations(ObjectReader parent)
    {
        var expectations = new List<ExpectationDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (element, path) in parent.Items("expectations", MaxExpectations))
        {
            if (ObjectReader.Open(element, path, parent.Mistakes) is not { } reader)
                continue;

            var name = reader.Text("name", required: true);
            if (name is not null && !NameRules.IsPipelineName(name))
                reader.Mistakes.Add("InvalidName", reader.PathOf("name"), $"'{ObjectReader.Shorten(name)}' cannot name an expectation: start with a letter a-z, then up to 62 of a-z, 0-9, '_' and '-'.");
            else if (name is not null && !names.Add(name))
                reader.Mistakes.Add("DuplicateName", reader.PathOf("name"), $"'{name}' is the name of another expectation of this step: rename one.");

            var aggregate = reader.Text("aggregate");
            var condition = reader.Text("condition", required: aggregate is null);
            var expectation = new ExpectationDefinition(name ?? "", condition ?? (aggregate is null ? "" : null), reader.Choice("onFail", ExpectationAction.Warn)) { Aggregate = aggregate };
            if (aggregate is not null && condition is not null)
                reader.Mistakes.Add("TwoConditions", reader.PathOf("aggregate"), "An expectation is about each row ('condition') or about all together ('aggregate'): make two of it.");
            if (aggregate is not null && expectation.OnFail == ExpectationAction.Quarantine)
                reader.Mistakes.Add("NotByRow", reader.PathOf("onFail"), "An aggregate does not say which rows are broken, so none can be quarantined: use 'fail' or 'warn'.");
            expectations.Add(expectation);
            reader.Close();
        }

        return expectations;
    }
}
