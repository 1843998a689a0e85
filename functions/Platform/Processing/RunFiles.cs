using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>
/// The documents of a run. Each is written once: of several attempts at one, the first wins and the others get what it wrote. Small ones are rows
/// beside the run's, so that document and run change in one go; of others a row names the object that holds them. So the row decides who was first,
/// whatever the sizes. Documents without a row, at their own paths, are of releases before this one.
/// </summary>
public sealed class RunFiles(IObjectStore store, IRowStore rows, RunStore runs)
{
    private const int SmallBytes = 32 << 10;
    private const string Extension = ".json";

    private static readonly LakePath Root = LakePath.Parse("lake/runs");
    private static readonly string Prefix = Root.Value + "/";

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

    /// <summary>The row of a document, in <see cref="RunStore.Table"/>.</summary>
    internal static RowKey RowOf(LakePath path)
    {
        var (run, document) = Parts(path);
        return RunId.TryGetDocumentKey(run, document)
            ?? throw new TerminalException(FailureKind.Internal, "RunDamaged", $"The document '{path}' is of no run.");
    }

    /// <returns>Null when it was not written yet.</returns>
    public async Task<T?> TryReadAsync<T>(LakePath path, CancellationToken cancellationToken)
        where T : class
    {
        if (await rows.GetAsync(RunStore.Table, RowOf(path), cancellationToken) is not { } row)
            return await TryReadObjectAsync<T>(path, cancellationToken);
        if (row.Value.Span[0] != (byte)'"')
            return JsonSerializer.Deserialize<T>(row.Value.Span, PlatformJson.Options);
        return await TryReadObjectAsync<T>(LakePath.Parse(JsonSerializer.Deserialize<string>(row.Value.Span)!), cancellationToken);
    }

    /// <exception cref="TerminalException"><c>RunDamaged</c>: it is not there.</exception>
    public async Task<T> ReadAsync<T>(LakePath path, CancellationToken cancellationToken)
        where T : class =>
        await TryReadAsync<T>(path, cancellationToken)
        ?? throw new TerminalException(FailureKind.Internal, "RunDamaged", $"The run's document '{path}' is gone: start the pipeline again.");

    /// <returns>The document that is stored now: this one, or the one written before.</returns>
    public async Task<T> WriteOnceAsync<T>(LakePath path, T document, CancellationToken cancellationToken)
        where T : class =>
        await TryReadAsync<T>(path, cancellationToken) is { } earlier ? earlier
        : await rows.TryInsertAsync(RunStore.Table, RowOf(path), await PrepareAsync(path, document, cancellationToken), cancellationToken) is not null ? document
        : await ReadAsync<T>(path, cancellationToken);

    /// <summary>Writes a document, unless it is there, and notes in its run's row what it says.</summary>
    /// <param name="make">Makes it.</param>
    /// <param name="note">Gives the run as it shall be, or the same instance to leave it.</param>
    /// <returns>The document that is stored now, and the run.</returns>
    public async Task<(T Document, Run Run)> NoteOnceAsync<T>(LakePath path, Func<Task<T>> make, Func<Run, T, Run> note, CancellationToken cancellationToken)
        where T : class
    {
        var run = Parts(path).Run;
        var document = await TryReadAsync<T>(path, cancellationToken);
        if (document is null)
        {
            var made = await make();
            var row = await PrepareAsync(path, made, cancellationToken);
            if (await runs.TryUpdateAsync(run, RowOf(path), row, current => note(current, made), cancellationToken) is { } noted)
                return (made, noted);
            document = await ReadAsync<T>(path, cancellationToken);
        }

        return (document, await runs.UpdateAsync(run, current => note(current, document), cancellationToken));
    }

    /// <returns>What the document's row is to hold.</returns>
    private async Task<byte[]> PrepareAsync<T>(LakePath path, T document, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, PlatformJson.Options);
        if (json.Length <= SmallBytes)
            return json;

        // A path of its own: nobody finds it before the row says that it is the one.
        var place = LakePath.Parse($"{path.Value[..^Extension.Length]}-{Guid.NewGuid():N}{Extension}");
        await store.TryPutAsync(place, json, PutCondition.IfAbsent, "application/json", cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(place.Value);
    }

    private async Task<T?> TryReadObjectAsync<T>(LakePath path, CancellationToken cancellationToken)
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

    private static (string Run, string Document) Parts(LakePath path)
    {
        var parts = path.Value[Prefix.Length..].Split('/', 2);
        return (parts[0], parts[1]);
    }
}
