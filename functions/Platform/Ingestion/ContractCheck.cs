using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion;

/// <summary>What is checked of a contract when it is put, besides its document: that the dataset's table can take its fields and is divided as it says. Otherwise
/// each batch would be refused later.</summary>
public sealed class ContractCheck(DeltaTables tables, ContractPlans plans)
{
    private const string Code = "SchemaMismatch";

    /// <exception cref="TerminalException"><c>InvalidDefinition</c> (400) with every expression, check and default that cannot work;
    /// <c>SchemaMismatch</c> (409) with every field, at its JSON path.</exception>
    public async Task CheckAsync(DatasetDefinition dataset, CancellationToken cancellationToken)
    {
        await plans.CreateAsync(dataset, cancellationToken);

        // A replacement brings its own columns.
        if (dataset.WriteDisposition is WriteDisposition.Replace
            || await tables.Get(new TableName(TableKind.Dataset, dataset.Name)).TryGetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return;

        var columns = snapshot.Columns.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        List<FailureDetail> mistakes = [];
        for (var i = 0; i < dataset.Fields.Count; i++)
        {
            var field = dataset.Fields[i];
            if (!columns.TryGetValue(field.Name, out var column))
                continue;
            if (column.Name != field.Name)
                mistakes.Add(new FailureDetail(Code, $"The dataset's table writes '{field.Name}' as '{column.Name}': write it so, and what the input says in 'source'.", $"$.fields[{i}].name"));
            else if (WiderTypes.IsWider(StoredColumn.Of(field).TableColumn.Type, column.Type))
                mistakes.Add(new FailureDetail(Code, $"'{field.Name}' is {FieldTypeName.Of(field)} here, but the dataset's table keeps it as {Word(column)}: widen the column first (POST /api/v1/warehouse/tables/{dataset.Name}/operations with {{\"operation\": \"widen\", \"columns\": {{\"{field.Name}\": \"{FieldTypeName.Of(field)}\"}}}}), then put this again.", $"$.fields[{i}].type"));
            else if (StoredColumn.Of(field).TableColumn.Type != column.Type)
                mistakes.Add(new FailureDetail(Code, $"'{field.Name}' is {FieldTypeName.Of(field)} here, but the dataset's table keeps it as {Word(column)}: stay with that type, or take another name and put '{field.InputName}' in 'source'.", $"$.fields[{i}].type"));
        }

        if (!dataset.PartitionBy.SequenceEqual(snapshot.PartitionColumns))
            mistakes.Add(new FailureDetail(Code, $"The files of the dataset's table are divided by {Listed(snapshot.PartitionColumns)}, not by {Listed(dataset.PartitionBy)}, and stay as they are: write \"partitionBy\": {Json(snapshot.PartitionColumns)}, make a new dataset, or delete this one and its table first (DELETE /api/v1/datasets/{dataset.Name}, then DELETE /api/v1/warehouse/tables/{dataset.Name}).", "$.partitionBy"));

        if (mistakes.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                Code,
                mistakes.Count == 1
                    ? $"The contract does not fit the data that is there. {mistakes[0].Message}"
                    : $"{mistakes.Count} fields of the contract do not fit the data that is there, all in 'details'. The first: {mistakes[0].Message}",
                mistakes[0].Target,
                mistakes);
        }
    }

    /// <summary>Compares a contract with the one it replaces.</summary>
    /// <param name="compatibility"><see cref="Compatibility.Backward"/> refuses breaking changes, once the dataset has a table.</param>
    /// <exception cref="TerminalException"><c>IncompatibleContract</c> (409) with every breaking change, at its JSON path.</exception>
    public async Task<IReadOnlyList<ContractChange>> CompareAsync(
        DatasetDefinition before, DatasetDefinition after, Compatibility compatibility, CancellationToken cancellationToken)
    {
        var changes = ContractChanges.Between(before, after);
        var breaking = changes.Where(change => change.Class == ChangeClass.Breaking).ToList();
        if (breaking.Count == 0 || compatibility == Compatibility.None
            || await tables.Get(new TableName(TableKind.Dataset, after.Name)).TryGetSnapshotAsync(null, cancellationToken) is null)
        {
            return changes;
        }

        const string Fix = "Undo it, make a new dataset, or say ?compatibility=none when senders and readers know of it.";
        throw new TerminalException(
            FailureKind.Conflict,
            "IncompatibleContract",
            breaking.Count == 1
                ? $"A change of the contract of '{after.Name}' breaks what others rely on, at {breaking[0].Path}. {breaking[0].Message} {Fix}"
                : $"{breaking.Count} changes of the contract of '{after.Name}' break what others rely on, all in 'details'. The first, at {breaking[0].Path}: {breaking[0].Message} {Fix}",
            breaking[0].Path,
            [.. breaking.Select(change => new FailureDetail("BreakingChange", change.Message, change.Path))]);
    }

    private static string Listed(IReadOnlyList<string> columns) => columns.Count == 0 ? "nothing" : string.Join(", ", columns);

    private static string Json(IReadOnlyList<string> columns) => $"[{string.Join(", ", columns.Select(column => $"\"{column}\""))}]";

    /// <summary>A column's type in the words of contracts.</summary>
    private static string Word(TableColumn column)
    {
        var stored = StoredColumn.Of(column);
        return FieldTypeName.Of(new FieldDefinition { Name = column.Name, Type = stored.Type, Precision = stored.Precision, Scale = stored.Scale });
    }
}
