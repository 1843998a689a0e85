using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Stages what a step's query gives: rows to write, keys to delete, and rows that break an expectation and are kept out.</summary>
public sealed class ResultStage(ParquetStage stage, ScratchFolder scratch, IObjectStore store)
{
    /// <param name="session">Has mounted what the step's SQL reads.</param>
    /// <param name="into">The target's columns that the rows must fit; empty when the result makes or replaces the target.</param>
    /// <param name="quarantine">Where rows go that are kept out; others may not write there.</param>
    /// <param name="prefix">Of the names of files under the target.</param>
    /// <exception cref="TerminalException"><c>InvalidKey</c>, <c>NullKey</c>, <c>MissingDeleteWhen</c>, or the result cannot be stored.</exception>
    public async Task<GroupResult> WriteAsync(
        SqlSession session,
        CompiledStep step,
        IReadOnlyList<TableColumn> into,
        LakePath quarantine,
        string prefix,
        CancellationToken cancellationToken)
    {
        var options = new ParquetOptions { Parameters = [.. step.Parameters.Select(parameter => parameter.Bind())], Into = into };
        using var result = await stage.WriteAsync(session, step.Sql, options, cancellationToken);
        var rows = new ResultRows(step, result);
        var counts = await CountAsync(session, step, rows, result, cancellationToken);
        var group = new GroupResult(rows.Columns, [], 0, counts.Broken) { Checked = counts.Checked };
        if (counts.KeptOut > 0)
        {
            await QuarantineAsync(session, rows, quarantine, cancellationToken);
            group = group with { Quarantined = counts.KeptOut, Quarantine = quarantine.Value };
        }

        if (rows.Deleted is { } deleted)
        {
            using var keys = await stage.WriteAsync(session, deleted, options: null, cancellationToken);
            group = group with { Deletes = await stage.UploadAsync(keys, step.Target, prefix + "-deletes", cancellationToken) };
        }

        if (rows.IsWhole && counts.KeptOut == 0)
            group = group with { KeysDiffer = counts.KeysDiffer };
        if (rows.IsWhole && counts.KeptOut == 0 && step.PartitionBy.Count == 0)
            return group with { Rows = result.Rows, Files = await stage.UploadAsync(result, step.Target, prefix, cancellationToken) };
        using var written = await stage.WriteAsync(session, rows.Written, new ParquetOptions { PartitionBy = step.PartitionBy }, cancellationToken);
        return group with { Rows = written.Rows, Files = await stage.UploadAsync(written, step.Target, prefix, cancellationToken) };
    }

    /// <summary>Counts what breaks each expectation, refuses keys that a merge cannot use, and sees whether keys differ where that costs next to nothing.</summary>
    private static async Task<(long Checked, long KeptOut, IReadOnlyList<long> Broken, bool KeysDiffer)> CountAsync(
        SqlSession session, CompiledStep step, ResultRows rows, StagedFiles result, CancellationToken cancellationToken)
    {
        var keys = step.Mode == StepMode.Merge ? step.Key : [];
        var span = WholeNumbers.OfKey(result.Columns, keys, result.Files);
        List<string> counts =
        [
            "count(*)",
            $"count(*) FILTER (WHERE NOT ({rows.IsKept}))",
            .. step.Expectations.Select(expectation => expectation.Condition is null ? "0" : $"count(*) FILTER (WHERE {ResultRows.Breaks(step.Written(expectation.Condition))})"),
            .. keys.Select(key => $"count(*) FILTER (WHERE {rows.IsKept} AND {SqlText.Identifier(key)} IS NULL)"),
        ];
        if (counts.Count == 2)
            return (rows.IsWhole ? rows.Count : 0, 0, [], false);

        // Not NULL over no rows, as its neighbours are.
        var different = span is { } numbers && numbers.IsDense(result.Rows) ? $"coalesce({numbers.CountDifferent(keys[0])}, 0)" : "-1";
        var row = (await session.ReadAsync(
            $"SELECT {string.Join(", ", counts)}, {different} FROM ({rows.Checked})",
            [],
            reader => Enumerable.Range(0, counts.Count + 1).Select(i => Convert.ToInt64(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)).ToArray(),
            cancellationToken))[0];
        var nulls = row[(2 + step.Expectations.Count)..^1];
        if (Array.FindIndex(nulls, count => count > 0) is var at and >= 0)
            throw new TerminalException(
                FailureKind.Unprocessable, "NullKey", $"Step '{step.Name}' merges by '{keys[at]}', which is NULL in {nulls[at]} rows of its result: leave them out with WHERE, or give them a value.", step.Name);
        return (row[0], row[1], row[2..(2 + step.Expectations.Count)], row[^1] == row[0]);
    }

    /// <summary>One JSON object a line, with the names of the expectations that the row breaks.</summary>
    private async Task QuarantineAsync(SqlSession session, ResultRows rows, LakePath path, CancellationToken cancellationToken)
    {
        var file = scratch.NewName("quarantine", ".ndjson");
        try
        {
            await session.ExecuteAsync($"COPY ({rows.Quarantined}) TO {SqlText.Literal(file)} (FORMAT json)", cancellationToken);
            await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await using var target = await store.OpenWriteAsync(path, PutCondition.None, "application/x-ndjson", cancellationToken);
            await source.CopyToAsync(target, 1 << 20, cancellationToken);
            await target.CompleteAsync(cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
