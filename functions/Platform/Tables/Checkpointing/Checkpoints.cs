using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Protocol;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>The checkpoints of one table's log. One that is missing in part or damaged is passed over for an older one.</summary>
internal sealed class Checkpoints(TableName table, IObjectStore store, ILogger logger)
{
    private const string ContentType = "application/vnd.apache.parquet";

    // How far back from a version its checkpoint is looked for before the whole log is listed.
    private const long Near = 1_000;

    private readonly LakePath _folder = table.Root.Append("_delta_log");

    private LakePath LastPath => _folder.Append("_last_checkpoint");

    /// <summary>The version that <c>_last_checkpoint</c> names.</summary>
    /// <returns>Null when there is none, or it cannot be read.</returns>
    public async Task<LastCheckpoint?> TryReadLastAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(LastPath, null, cancellationToken);
            return await JsonSerializer.DeserializeAsync(stream, ProtocolJson.Default.LastCheckpoint, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
        catch (JsonException damage)
        {
            Log.LastCheckpointDamaged(logger, table.Name, damage);
            return new LastCheckpoint { Version = -1 };
        }
    }

    /// <summary>The state that <c>_last_checkpoint</c> points to.</summary>
    /// <returns>Null when that checkpoint is not there (any more) or damaged.</returns>
    public async Task<TableState?> TryLoadAsync(LastCheckpoint last, CancellationToken cancellationToken)
    {
        if (last.Version < 0 || last.Version2 is not null || last.Parts is < 1 or > 100_000)
            return null;
        var paths = last.Parts is { } parts
            ? Enumerable.Range(1, parts).Select(part => PathOf(last.Version, part, parts))
            : [PathOf(last.Version)];
        return await TryLoadAsync(last.Version, [.. paths], cancellationToken);
    }

    /// <summary>The state of the newest checkpoint that can be read, found by listing the log.</summary>
    /// <param name="upTo">No newer one than this version.</param>
    /// <returns>The state, or null; and then the oldest version that has a commit or checkpoint, null when there is no log at all.</returns>
    /// <exception cref="TerminalException"><c>TableFeatureUnsupported</c>: only checkpoints of version 2 are there.</exception>
    public async Task<(TableState? State, long? Oldest)> TryLoadNewestAsync(long upTo, CancellationToken cancellationToken)
    {
        if (upTo is > Near and < long.MaxValue)
        {
            var near = await ListAsync(upTo - Near, upTo, cancellationToken).ToListAsync(cancellationToken);
            if (await TryLoadNewestAsync(near, cancellationToken) is { } state)
                return (state, null);
        }

        var files = await ListAsync(-1, upTo, cancellationToken).ToListAsync(cancellationToken);
        var found = await TryLoadNewestAsync(files, cancellationToken);
        if (found is null && files.Exists(file => file.Kind == LogFileKind.Version2Checkpoint) && !files.Exists(file => file is { Kind: LogFileKind.Commit, Version: 0 }))
            throw Version2();
        return (found, files.Count == 0 ? null : files.Min(file => file.Version));
    }

    /// <summary>The commits and checkpoints of versions (after, upTo], ascending.</summary>
    public async IAsyncEnumerable<LogFile> ListAsync(
        long after, long upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // '~' is behind all names of a version.
        LakePath? start = after < 0 ? null : _folder.Append(string.Create(CultureInfo.InvariantCulture, $"{after:D20}.~"));
        await foreach (var found in store.ListAsync(_folder, start, cancellationToken))
        {
            if (LogFile.TryParse(found) is not { } file || file.Object.Path != _folder.Append(found.Path.FileName))
                continue;
            if (file.Version > upTo)
                yield break;
            yield return file;
        }
    }

    /// <summary>The checkpoints among the files of a log that are there with all their parts, ascending.</summary>
    public static IReadOnlyList<(long Version, IReadOnlyList<LogFile> Parts)> Complete(IEnumerable<LogFile> files) =>
    [
        .. files
            .Where(file => file.Kind == LogFileKind.Checkpoint)
            .GroupBy(file => (file.Version, file.Parts))
            .Where(group => group.Select(file => file.Part).Distinct().Count() == group.Key.Parts)
            .OrderBy(group => group.Key.Version)
            .Select(group => (group.Key.Version, (IReadOnlyList<LogFile>)[.. group.OrderBy(file => file.Part)])),
    ];

    /// <summary>Writes the checkpoint of a state, unless there is one, and points <c>_last_checkpoint</c> to it.</summary>
    /// <param name="oldestTombstone">Removals before this time are left out.</param>
    public async Task WriteAsync(TableState state, DateTimeOffset oldestTombstone, CancellationToken cancellationToken)
    {
        await using var target = await store.OpenWriteAsync(PathOf(state.Version), PutCondition.IfAbsent, ContentType, cancellationToken);
        var size = await CheckpointWriter.WriteAsync(state, oldestTombstone.ToUnixTimeMilliseconds(), target, cancellationToken);
        FaultPoint.Pass("before-checkpoint");
        if (await target.CompleteAsync(cancellationToken) is not { } written)
            return;

        FaultPoint.Pass("after-checkpoint");
        var last = new LastCheckpoint { Version = state.Version, Size = size, SizeInBytes = written.Length, NumOfAddFiles = state.Files.Count };
        await store.TryPutAsync(
            LastPath, JsonSerializer.SerializeToUtf8Bytes(last, ProtocolJson.Default.LastCheckpoint), PutCondition.None, "application/json", cancellationToken);
        Log.CheckpointWritten(logger, table.Name, state.Version, size, written.Length);
    }

    /// <returns>Null when the checkpoint is not there or damaged.</returns>
    public Task<TableState?> TryLoadAsync(long version, IReadOnlyList<LogFile> parts, CancellationToken cancellationToken) =>
        TryLoadAsync(version, [.. parts.Select(part => part.Object.Path)], cancellationToken);

    private async Task<TableState?> TryLoadNewestAsync(List<LogFile> files, CancellationToken cancellationToken)
    {
        foreach (var (version, parts) in Complete(files).Reverse())
        {
            if (await TryLoadAsync(version, parts, cancellationToken) is { } state)
                return state;
        }

        return null;
    }

    private async Task<TableState?> TryLoadAsync(long version, IReadOnlyList<LakePath> parts, CancellationToken cancellationToken)
    {
        var content = new CheckpointContent();
        try
        {
            foreach (var part in parts)
            {
                await using var file = await OpenAsync(part, cancellationToken);
                CheckpointReader.Read(file, content);
            }

            content.EnsureComplete();
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
        catch (InvalidDataException damage)
        {
            Log.CheckpointDamaged(logger, table.Name, version, damage);
            return null;
        }

        if (content.IsVersion2)
            throw Version2();
        return TableState.Of(table, version, content, await TimestampAsync(version, content, cancellationToken));
    }

    /// <summary>When the version was committed. Only our checkpoints say it; beside those of others lies the commit.</summary>
    private async Task<DateTimeOffset> TimestampAsync(long version, CheckpointContent content, CancellationToken cancellationToken)
    {
        if (content.Timestamp is { } told)
            return DateTimeOffset.FromUnixTimeMilliseconds(told);
        if (await new DeltaLog(table, store).TryReadAsync(version, cancellationToken) is { } entry)
            return entry.Commit.Timestamp;
        return DateTimeOffset.FromUnixTimeMilliseconds(content.Files.Concat(content.Tombstones).Select(file => file.ModificationTime).DefaultIfEmpty().Max());
    }

    /// <summary>Parquet is read from its end: a file in place, or a copy in memory, which the state it becomes takes as well.</summary>
    private async Task<Stream> OpenAsync(LakePath path, CancellationToken cancellationToken)
    {
        if (store.TryGetLocalFile(path) is { } local)
        {
            try
            {
                return File.OpenRead(local);
            }
            catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new ObjectNotFoundException(path, missing);
            }
        }

        await using var stream = await store.OpenReadAsync(path, null, cancellationToken);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, cancellationToken);
        copy.Position = 0;
        return copy;
    }

    private TerminalException Version2() => new(
        FailureKind.NotImplemented,
        "TableFeatureUnsupported",
        $"Table '{table}' cannot be read: its log has checkpoints of version 2 ('v2Checkpoint'). Rewrite them as classic checkpoints.",
        table.Name);

    private LakePath PathOf(long version) => _folder.Append(string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.parquet"));

    private LakePath PathOf(long version, int part, int parts) =>
        _folder.Append(string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.{part:D10}.{parts:D10}.parquet"));
}
