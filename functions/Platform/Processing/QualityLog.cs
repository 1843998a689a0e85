using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Appends how expectations turned out to a table that SQL can read: once for a step of a run, also when the step then fails.</summary>
public sealed class QualityLog(DeltaTables tables, SqlEngine engine, ParquetStage stage, TimeProvider clock)
{
    private const string Columns =
        """
        "time" TIMESTAMP, run VARCHAR, pipeline VARCHAR, definition_version BIGINT, step VARCHAR, target VARCHAR, expectation VARCHAR, rule VARCHAR,
        on_fail VARCHAR, met BOOLEAN, rows_checked BIGINT, rows_broken BIGINT
        """;

    /// <param name="since">A version of the table from before the step's outcome could have been written; -1 when there was none.</param>
    public async Task AppendAsync(
        RunPlan run, CompiledStep step, IReadOnlyList<RunExpectation> outcome, long since, CancellationToken cancellationToken)
    {
        if (outcome.Count == 0)
            return;

        await using var session = await engine.OpenAsync(cancellationToken);
        await session.ExecuteAsync($"CREATE TABLE quality ({Columns})", cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var (expectation, result) in step.Expectations.Zip(outcome))
        {
            await session.ExecuteAsync(
                "INSERT INTO quality VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                [
                    now, run.Run, run.Pipeline.Name, run.DefinitionVersion, step.Name, step.Target.Name, result.Name, expectation.Aggregate ?? expectation.Condition,
                    EnumNames.Of(result.OnFail), result.Met, result.Checked, result.Broken,
                ],
                cancellationToken);
        }

        using var staged = await stage.WriteAsync(session, "SELECT * FROM quality", options: null, cancellationToken);
        await tables.Get(SystemTables.Quality).CommitAsync(
            new TableChange
            {
                Operation = "WRITE",
                Columns = staged.Columns,
                Add = await stage.UploadAsync(staged, SystemTables.Quality, "quality", cancellationToken),
                AllowNewColumns = true,
                OperationId = $"{run.Run}/{step.Name}/quality",
                SinceVersion = since,
            },
            cancellationToken);
    }
}
