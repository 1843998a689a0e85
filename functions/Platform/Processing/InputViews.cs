using DataPlatform.Catalog;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Shows a step's new rows to its SQL.</summary>
internal static class InputViews
{
    /// <summary>Makes <c>new.X</c> of some of an input's files. With changes it has what came and what went as <c>_change_type</c>
    /// <c>insert</c> and <c>delete</c>: rows that were only moved to other files are neither.</summary>
    /// <param name="snapshot">Of the source at the version that is read.</param>
    public static async Task MountNewAsync(
        this SqlSession session, NewInput input, Snapshot snapshot, IReadOnlyList<DataFile> files, CancellationToken cancellationToken)
    {
        var name = input.Table.Table.Name;
        if (!input.HasChanges)
        {
            await session.MountAsync(name, snapshot, new MountOptions { IsNew = true, Files = files }, cancellationToken);
            return;
        }

        // Names that no table has: tables and columns of people are shorter.
        var own = Guid.NewGuid().ToString("N");
        var (came, went, weight) = ($"came_{own}", $"went_{own}", SqlText.Identifier($"weight_{own}"));
        await session.MountAsync(came, snapshot, new MountOptions { Files = files }, cancellationToken);
        await session.MountAsync(went, snapshot, new MountOptions { Files = input.Removed }, cancellationToken);
        var columns = SqlText.Identifiers(snapshot.Columns.Select(column => column.Name).Where(column => !column.StartsWith('_')));
        var change = SqlText.Identifier(SystemColumns.ChangeType);
        var select = input.Removed.Count == 0
            ? $"SELECT {columns}, 'insert' AS {change} FROM {came}"
            : $"""
                SELECT {columns}, {change} FROM (
                    SELECT {columns}, if({weight} > 0, 'insert', 'delete') AS {change}, unnest(range(CAST(abs({weight}) AS BIGINT))) AS {weight}
                    FROM (
                        SELECT {columns}, sum({weight}) AS {weight}
                        FROM (SELECT {columns}, 1 AS {weight} FROM {came} UNION ALL SELECT {columns}, -1 AS {weight} FROM {went})
                        GROUP BY {columns} HAVING sum({weight}) <> 0))
                """;
        await session.ExecuteAsync(
            $"CREATE OR REPLACE VIEW {SqlSession.NewSchema}.{SqlText.Identifier(name)} AS {select}", cancellationToken);
    }
}
