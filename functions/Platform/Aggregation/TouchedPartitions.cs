using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Finds which partitions of a mart the commits of its source touched.</summary>
public sealed class TouchedPartitions(DeltaTables tables)
{
    /// <summary>The table of the session that <see cref="FindAsync"/> makes: the columns of <see cref="MartDefinition.PartitionBy"/>, a row for each partition.</summary>
    internal const string Relation = "_touched";

    private const string Came = "_came";
    private const string Went = "_went";

    /// <summary>Leaves them in a table of the session.</summary>
    /// <param name="session">Has the source at its new version, under its name.</param>
    /// <param name="mart">Has <see cref="MartDefinition.PartitionBy"/>.</param>
    /// <param name="after">The source's version that the mart holds.</param>
    /// <param name="source">The source at its new version.</param>
    /// <returns>False when the log does not tell: the mart is to be computed whole.</returns>
    public async Task<bool> FindAsync(SqlSession session, MartDefinition mart, long after, Snapshot source, CancellationToken cancellationToken)
    {
        SourceFiles files;
        try
        {
            var table = tables.Get(source.Table);
            if (await table.TryGetSnapshotAsync(after, cancellationToken) is not { } before || before.TableId != source.TableId)
                return false;
            files = new SourceFiles(before.Files);
            await foreach (var commit in table.ReadCommitsAsync(after, source.Version, cancellationToken))
                files.Apply(commit);
        }
        catch (TerminalException gone) when (gone.Kind is FailureKind.Gone)
        {
            return false;
        }

        try
        {
            await session.MountAsync(Came, source, new MountOptions { Files = files.Added }, cancellationToken);
            await session.MountAsync(Went, source, new MountOptions { Files = files.Removed }, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            // Files that went may have been deleted for good since.
            return false;
        }

        var select = await MartCompiler.DifferenceAsync(session, mart, Came, Went, cancellationToken);
        await session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE {SqlText.Identifier(Relation)} AS {select}", cancellationToken);
        return true;
    }
}
