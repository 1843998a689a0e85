namespace DataPlatform.Tables;

/// <summary>What one of a table's writers (a step, a refresh) has computed its rows from, to be kept in the commit.</summary>
/// <param name="Writer">Its name among the writers of the table.</param>
/// <param name="Inputs">By table name, also the inputs of its inputs.</param>
/// <param name="Others">The table's other writers, with what is taken for their inputs as long as they have written nothing. Writers that
/// are not named are forgotten: they do not write the table any more.</param>
public sealed record WriterInputs(
    string Writer,
    IReadOnlyDictionary<string, TableInput> Inputs,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, TableInput>> Others)
{
    /// <summary>Of the only writer of its table.</summary>
    public WriterInputs(string writer, IReadOnlyDictionary<string, TableInput> inputs)
        : this(writer, inputs, new Dictionary<string, IReadOnlyDictionary<string, TableInput>>())
    {
    }
}
