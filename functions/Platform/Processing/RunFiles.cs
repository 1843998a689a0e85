using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Processing;

/// <summary>The documents of a run in the lake. Each is written once: of several attempts at one, the first wins and the others get
/// what it wrote.</summary>
public sealed class RunFiles(IObjectStore store)
{
    private static readonly LakePath Root = LakePath.Parse("lake/runs");

    public static LakePath Plan(string run) => Root.Append($"{run}/plan.json");

    public static LakePath StepPlan(string run, string step) => Root.Append($"{run}/{step}/plan.json");

    public static LakePath Group(string run, string step, int group) => Root.Append($"{run}/{step}/group-{group}.json");

    /// <summary>A place for rows that one attempt at a group keeps out; the group's result says which attempt's counts.</summary>
    public static LakePath Quarantine(string run, string step, int group) => Root.Append($"{run}/{step}/quarantine-{group}-{Guid.NewGuid():N}.ndjson");

    /// <summary>What an activity that divides input by keys wrote.</summary>
    public static LakePath Split(string run, string step, int group) => Root.Append($"{run}/{step}/split-{group}.json");

    /// <summary>The divided rows of a step, which are removed when the run has ended.</summary>
    public static LakePath SplitFolder(string run, string step) => Root.Append($"{run}/{step}/split");

    /// <summary>Whether a step with a timeout may commit.</summary>
    public static LakePath Verdict(string run, string step) => Root.Append($"{run}/{step}/verdict.json");

    public static LakePath Result(string run, string step) => Root.Append($"{run}/{step}/result.json");

    /// <returns>Null when it was not written yet.</returns>
    public async Task<T?> TryReadAsync<T>(LakePath path, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await using var stream = await store.OpenReadAsync(path, range: null, cancellationToken);
            return await JsonSerializer.DeserializeAsync<T>(stream, PlatformJson.Options, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <exception cref="TerminalException"><c>RunDamaged</c>: it is not there.</exception>
    public async Task<T> ReadAsync<T>(LakePath path, CancellationToken cancellationToken)
        where T : class =>
        await TryReadAsync<T>(path, cancellationToken)
        ?? throw new TerminalException(FailureKind.Internal, "RunDamaged", $"The run's document '{path}' is gone: start the pipeline again.");

    /// <returns>The document that is stored now: this one, or the one written before.</returns>
    public async Task<T> WriteOnceAsync<T>(LakePath path, T document, CancellationToken cancellationToken)
        where T : class
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, PlatformJson.Options);
        return await store.TryPutAsync(path, json, PutCondition.IfAbsent, "application/json", cancellationToken) is not null
            ? document
            : await ReadAsync<T>(path, cancellationToken);
    }
}
