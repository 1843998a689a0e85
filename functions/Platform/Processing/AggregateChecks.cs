using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Judges expectations about all rows of a step together, over the files that its activities staged.</summary>
public sealed class AggregateChecks(SqlEngine engine)
{
    /// <returns>For each expectation of the step whether it is met; true for those that are about single rows.</returns>
    /// <exception cref="TerminalException">An aggregate cannot be computed from the result's columns.</exception>
    public async Task<IReadOnlyList<bool>> EvaluateAsync(
        CompiledStep step, IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, CancellationToken cancellationToken)
    {
        if (step.Expectations.All(expectation => expectation.Aggregate is null))
            return [.. step.Expectations.Select(_ => true)];

        await using var session = await engine.OpenAsync(cancellationToken);
        var local = await session.LeaseAsync(step.Target, files, cancellationToken);
        var relation = PartitionedRelation.Of(columns, files, local, instants: false, alike: true);
        List<bool> met = [];
        foreach (var expectation in step.Expectations)
            met.Add(expectation.Aggregate is null || await IsMetAsync(session, step, expectation, relation, cancellationToken));
        return met;
    }

    /// <summary>One by one, so that a failure names whose it is.</summary>
    private static async Task<bool> IsMetAsync(
        SqlSession session, CompiledStep step, ExpectationDefinition expectation, string relation, CancellationToken cancellationToken)
    {
        try
        {
            var values = await session.ReadAsync(
                $"SELECT (\n{step.Written(expectation.Aggregate!)}\n) IS TRUE FROM ({relation})", [], reader => reader.GetBoolean(0), cancellationToken);
            return values[0];
        }
        catch (TerminalException exception)
        {
            throw new TerminalException(
                exception.Kind, exception.Code, $"Step '{step.Name}', expectation '{expectation.Name}': {exception.Message}", step.Name, exception.Details, exception);
        }
    }
}
