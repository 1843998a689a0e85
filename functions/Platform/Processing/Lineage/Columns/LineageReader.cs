using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>Answers what tables and columns come from, and what comes from them.</summary>
public sealed class LineageReader(TableWriters writers, TableCatalog names, TableShapes shapes, ColumnLineages lineages, CatalogStore catalog)
{
    /// <param name="has">Whether the caller has a scope. Of a table that it may not read nothing is told, and nothing that lies behind it.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>ScopeMissing</c>, <c>ColumnNotFound</c>.</exception>
    public async Task<LineageAnswer> ReadAsync(LineageQuestion question, Func<string, bool> has, CancellationToken cancellationToken)
    {
        var table = await names.GetAsync(question.Table, cancellationToken);
        if (!has(ScopeOf(table)))
            throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{ScopeOf(table)}'.", "scope");

        var map = new LineageMap(await writers.ReadAsync(cancellationToken).ToListAsync(cancellationToken), names, shapes, lineages);
        var column = question.Column is { } asked ? await ColumnAsync(map, table, asked, cancellationToken) : null;
        var search = new LineageSearch(map, question with { Column = column }, table, has);
        if (question.Direction != LineageDirection.Downstream)
            await search.GoUpAsync(cancellationToken);
        if (question.Direction != LineageDirection.Upstream)
            await search.GoDownAsync(cancellationToken);

        var fields = column is null || question.Direction == LineageDirection.Downstream
            ? null
            : await FieldsAsync(await search.EndsAsync(table.Name, column, cancellationToken), cancellationToken);
        return new LineageAnswer(
            table.Name, table.Kind, column, question.Direction, search.Tables(), await search.WritesAsync(cancellationToken), fields, search.Hidden, search.Truncated);
    }

    internal static string ScopeOf(TableName table) => $"read:{EnumNames.Of(table.Kind)}/{table.Name}";

    /// <summary>The column as it is spelled where it is defined.</summary>
    private static async Task<string> ColumnAsync(LineageMap map, TableName table, string asked, CancellationToken cancellationToken)
    {
        if (await map.ColumnsAsync(table.Name, cancellationToken) is not { } columns)
            return asked;
        return columns.FirstOrDefault(column => column.Equals(asked, StringComparison.OrdinalIgnoreCase))
            ?? throw new TerminalException(
                FailureKind.NotFound,
                "ColumnNotFound",
                $"'{table.Name}' has no column '{ObjectReader.Shorten(asked)}'.{DidYouMean.Sentence(asked, columns)}",
                "column");
    }

    private async Task<IReadOnlyList<LineageField>> FieldsAsync(Sql.Lineage.Flow ends, CancellationToken cancellationToken)
    {
        List<LineageField> fields = [];
        foreach (var (source, influences) in ends.Sources)
        {
            // A column that the contract has no more is still there.
            var contract = await catalog.FindAsync<DatasetDefinition>(source.Table, cancellationToken);
            var field = contract?.Definition.Fields.FirstOrDefault(field => field.Name.Equals(source.Column, StringComparison.OrdinalIgnoreCase));
            fields.Add(new LineageField(
                source.Table, field?.Name ?? source.Column, field?.InputName ?? source.Column, field?.Expression, LineageTransformation.Of(influences)));
        }

        return fields;
    }
}
