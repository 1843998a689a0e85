using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Catalog;

/// <summary>
/// The definitions of datasets, pipelines, marts, routes and dashboards, with all their versions. <c>T</c> is <see cref="DatasetDefinition"/>,
/// <see cref="PipelineDefinition"/>, <see cref="MartDefinition"/>, <see cref="RouteDefinition"/> or <see cref="DashboardDefinition"/>.
/// </summary>
public sealed class CatalogStore
{
    private const int MaxAttempts = 20;
    private const int ParallelReads = 8;

    private readonly DocumentStore _documents;
    private readonly NameRegistry _names;
    private readonly DefinitionCache _cache;
    private readonly TimeProvider _clock;
    private readonly ILogger<CatalogStore> _logger;

    public CatalogStore(IObjectStore objects, IRowStore rows, TimeProvider clock, IOptions<PlatformOptions> options, ILogger<CatalogStore> logger)
    {
        _documents = new DocumentStore(objects);
        _names = new NameRegistry(rows, _documents, clock);
        _cache = new DefinitionCache(clock, options.Value.CatalogMaxAge);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>The current definition; at most <see cref="PlatformOptions.CatalogMaxAge"/> old.</summary>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>, <c>PipelineNotFound</c>, <c>MartNotFound</c>, <c>RouteNotFound</c> or <c>DashboardNotFound</c>.</exception>
    public async Task<CatalogEntry<T>> GetAsync<T>(string name, CancellationToken cancellationToken)
        where T : class =>
        await FindAsync<T>(name, cancellationToken) ?? throw NotFound(new NameOwner(DefinitionKinds.Of<T>(), name));

    /// <summary>A definition as it was at a definition version, also when it is replaced or deleted by now.</summary>
    /// <exception cref="TerminalException">Also <c>DefinitionVersionNotFound</c>.</exception>
    public async Task<CatalogEntry<T>> GetAsync<T>(string name, long version, CancellationToken cancellationToken)
        where T : class
    {
        var owner = new NameOwner(DefinitionKinds.Of<T>(), name);
        if (_cache.Find(owner) is CatalogEntry<T> cached && cached.Version == version)
            return cached;

        var current = await _documents.FindAsync(owner.Kind, name, cancellationToken) ?? throw NotFound(owner);
        var document = current.Document.IsLive && current.Document.Version == version
            ? current.Document
            : await _documents.FindKeptAsync(owner.Kind, name, version, cancellationToken);
        return document is not null
            ? ToEntry<T>(name, document)
            : throw new TerminalException(FailureKind.NotFound, "DefinitionVersionNotFound", $"The {owner} has no definition version {version}; the newest is {current.Document.Version}.", "version");
    }

    /// <returns>Null when there is none; otherwise at most <see cref="PlatformOptions.CatalogMaxAge"/> old.</returns>
    public async Task<CatalogEntry<T>?> FindAsync<T>(string name, CancellationToken cancellationToken)
        where T : class
    {
        var owner = new NameOwner(DefinitionKinds.Of<T>(), name);
        if (_cache.Find(owner) is CatalogEntry<T> cached)
            return cached;

        var (mark, readAt) = (_cache.Mark, _clock.GetTimestamp());
        if (await _documents.FindAsync(owner.Kind, name, cancellationToken) is not { Document: { IsLive: true } document })
            return null;

        var entry = ToEntry<T>(name, document);
        _cache.Add(owner, entry, mark, readAt);
        return entry;
    }

    /// <summary>The names under which something of the kind was ever put; what is deleted may be among them.</summary>
    public async Task<IReadOnlyList<string>> ListNamesAsync<T>(CancellationToken cancellationToken)
        where T : class => await _documents.ListNamesAsync(DefinitionKinds.Of<T>(), cancellationToken);

    /// <summary>The definitions in ordinal order of their names.</summary>
    /// <param name="after">Only names above this one.</param>
    /// <param name="top">The most to return.</param>
    public async Task<CatalogPage<T>> ListAsync<T>(string? after, int top, CancellationToken cancellationToken)
        where T : class
    {
        var kind = DefinitionKinds.Of<T>();
        var names = (await _documents.ListNamesAsync(kind, cancellationToken))
            .Where(name => after is null || string.CompareOrdinal(name, after) > 0);

        var entries = new List<CatalogEntry<T>>();
        foreach (var chunk in names.Chunk(ParallelReads))
        {
            var found = await Task.WhenAll(chunk.Select(name => _documents.FindAsync(kind, name, cancellationToken)));
            foreach (var (name, document) in chunk.Zip(found))
            {
                if (document is not { Document.IsLive: true } live)
                    continue;
                if (entries.Count == top)
                    return new CatalogPage<T>(entries, NameOf(entries[^1]));
                entries.Add(ToEntry<T>(name, live.Document));
            }
        }

        return new CatalogPage<T>(entries, null);
    }

    /// <summary>The definition versions that can be asked for, oldest first.</summary>
    /// <exception cref="TerminalException">Nothing was ever put under the name.</exception>
    public async Task<IReadOnlyList<long>> ListVersionsAsync<T>(string name, CancellationToken cancellationToken)
        where T : class
    {
        var owner = new NameOwner(DefinitionKinds.Of<T>(), name);
        if (await _documents.FindAsync(owner.Kind, name, cancellationToken) is not { Document: { Version: > 0 } current })
            throw NotFound(owner);

        var versions = await _documents.ListKeptAsync(owner.Kind, name, cancellationToken);
        return [.. versions.Append(current.Version).Where(version => version < current.Version || current.IsLive || versions.Contains(version)).Distinct().Order()];
    }

    /// <summary>Checks a document and makes it the current one. The same document again changes nothing.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="condition">Of the definition's ETag.</param>
    /// <param name="guard">Sees the definition that is replaced and the new one, and throws when that must not be; asked again after a lost race.</param>
    /// <exception cref="TerminalException"><c>InvalidDefinition</c> with all mistakes, <c>NameTaken</c>, <c>DefinitionExists</c> or
    /// <c>DefinitionChanged</c> (a condition does not hold).</exception>
    public async Task<PutResult<T>> PutAsync<T>(
        string name, ReadOnlyMemory<byte> json, PutCondition condition, CancellationToken cancellationToken, Func<T, T, Task>? guard = null)
        where T : class
    {
        var owner = new NameOwner(DefinitionKinds.Of<T>(), name);
        var definition = DefinitionParser.Parse<T>(json, name);
        json = DefinitionParser.WithoutMark(json);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await _documents.FindAsync(owner.Kind, name, cancellationToken);
            var live = current is { Document.IsLive: true } ? current.Value.Document : null;
            CheckCondition(owner, live, condition);
            if (live is not null && SameJson(live.Document, json))
                return new PutResult<T>(ToEntry<T>(name, live), PutOutcome.Unchanged);
            if (live is not null && guard is not null)
                await guard(ToEntry<T>(name, live).Definition, definition);

            var now = _clock.GetUtcNow();
            var next = new StoredDocument((current?.Document.Version ?? 0) + 1, live?.Created ?? now, now, null, json);
            if (await TryReplaceAsync(owner, current, next, cancellationToken))
            {
                var entry = new CatalogEntry<T>(definition, next.Version, ETagOf(next), next.Created, next.Updated, json);
                Log.Put(_logger, owner.Kind, name, next.Version);
                return new PutResult<T>(entry, live is null ? PutOutcome.Created : PutOutcome.Replaced);
            }
        }

        throw Busy(owner);
    }

    /// <summary>Deletes a definition. Its versions stay readable and its data stays where it is.</summary>
    /// <param name="etag">When given, the definition's ETag that must still hold.</param>
    /// <exception cref="TerminalException">There is none, or <c>DefinitionChanged</c>.</exception>
    public async Task DeleteAsync<T>(string name, string? etag, CancellationToken cancellationToken)
        where T : class
    {
        var owner = new NameOwner(DefinitionKinds.Of<T>(), name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await _documents.FindAsync(owner.Kind, name, cancellationToken);
            if (current is not { Document: { IsLive: true } live })
                throw NotFound(owner);

            CheckCondition(owner, live, etag is null ? PutCondition.None : PutCondition.IfMatch(etag));
            var next = live with { Deleted = _clock.GetUtcNow(), Document = default };
            if (await TryReplaceAsync(owner, current, next, cancellationToken))
            {
                Log.Deleted(_logger, owner.Kind, name, next.Version);
                return;
            }
        }

        throw Busy(owner);
    }

    /// <summary>Asks both stores for something small.</summary>
    /// <exception cref="TransientException">One of them does not answer.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await _documents.FindAsync(DefinitionKind.Dataset, "probe", cancellationToken);
        await _names.FindAsync("probe", cancellationToken);
    }

    /// <summary>The owner of a table's name, if its document has the name.</summary>
    internal async Task<NameOwner?> FindOwnerAsync(string table, CancellationToken cancellationToken)
    {
        if (await _names.FindAsync(table, cancellationToken) is not { } owner)
            return null;

        var has = owner.Kind switch
        {
            DefinitionKind.Dataset => await FindAsync<DatasetDefinition>(owner.Name, cancellationToken) is not null,
            DefinitionKind.Mart => await FindAsync<MartDefinition>(owner.Name, cancellationToken) is not null,
            _ => await FindAsync<PipelineDefinition>(owner.Name, cancellationToken) is { } pipeline
                && pipeline.Definition.Steps.Any(step => step.Target == table),
        };
        return has ? owner : null;
    }

    /// <returns>False when another writer was first.</returns>
    private async Task<bool> TryReplaceAsync(
        NameOwner owner, (StoredDocument Document, string ETag)? current, StoredDocument next, CancellationToken cancellationToken)
    {
        var had = NameRegistry.NamesIn(owner, current?.Document);
        var has = NameRegistry.NamesIn(owner, next);
        var claims = new List<NameClaim>();
        var written = false;
        try
        {
            var released = await _names.ReadAsync(owner, had.Except(has), cancellationToken);
            foreach (var name in has.Except(had).Order(StringComparer.Ordinal))
                claims.Add(await _names.ClaimAsync(owner, name, cancellationToken));
            if (current is { Document.IsLive: true })
                await _documents.KeepAsync(owner.Kind, owner.Name, current.Value.Document, cancellationToken);

            // Until the store answers, the document may have been written: its names must stay.
            written = true;
            written = await _documents.TryWriteAsync(owner.Kind, owner.Name, next, current?.ETag, cancellationToken);
            if (written)
                await ReleaseAsync(released);
            return written;
        }
        finally
        {
            _cache.Remove(owner);
            if (!written)
                await ReleaseAsync(claims.Where(claim => claim.IsNew));
        }
    }

    /// <summary>A row that stays is taken over by the next who wants its name, so a failure here is only told to the log.</summary>
    private async Task ReleaseAsync(IEnumerable<NameClaim> claims)
    {
        try
        {
            await _names.ReleaseAsync(claims, CancellationToken.None);
        }
        catch (TransientException exception)
        {
            Log.NotReleased(_logger, exception);
        }
    }

    private static void CheckCondition(NameOwner owner, StoredDocument? live, PutCondition condition)
    {
        if (condition.MustBeAbsent && live is not null)
            throw new TerminalException(FailureKind.PreconditionFailed, "DefinitionExists", $"The {owner} exists already, with ETag \"{ETagOf(live)}\": leave out If-None-Match to replace it.", "If-None-Match");
        if (condition.ETag is { } etag && (live is null || ETagOf(live) != etag))
            throw new TerminalException(FailureKind.PreconditionFailed, "DefinitionChanged", live is null ? $"The {owner} does not exist: leave out If-Match to create it." : $"The {owner} has changed: its ETag is \"{ETagOf(live)}\" now. Get it, repeat your change on it and try again.", "If-Match");
    }

    private static CatalogEntry<T> ToEntry<T>(string name, StoredDocument document)
        where T : class
    {
        try
        {
            var definition = DefinitionParser.Parse<T>(document.Document, name);
            return new CatalogEntry<T>(definition, document.Version, ETagOf(document), document.Created, document.Updated, document.Document);
        }
        catch (TerminalException exception)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "CatalogDamaged",
                $"The stored definition of {DefinitionKinds.Describe(DefinitionKinds.Of<T>(), name)} cannot be read by this version of the platform: put it again. {exception.Message}",
                exception.Target,
                exception.Details,
                exception);
        }
    }

    /// <summary>Definition versions are never given twice, so they tell documents of one name apart.</summary>
    private static string ETagOf(StoredDocument document) => $"{document.Version}";

    private static string NameOf<T>(CatalogEntry<T> entry)
        where T : class => entry.Definition switch
        {
            DatasetDefinition dataset => dataset.Name,
            PipelineDefinition pipeline => pipeline.Name,
            MartDefinition mart => mart.Name,
            RouteDefinition route => route.Name,
            DashboardDefinition dashboard => dashboard.Name,
            var other => throw new InvalidOperationException($"{other.GetType().Name} is not a definition."),
        };

    private static bool SameJson(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b)
    {
        using var left = JsonDocument.Parse(a);
        using var right = JsonDocument.Parse(b);
        return JsonElement.DeepEquals(left.RootElement, right.RootElement);
    }

    private static TerminalException NotFound(NameOwner owner) => new(
        FailureKind.NotFound, $"{owner.Kind}NotFound", $"There is no {owner}. PUT its definition to /api/v1/{DefinitionKinds.Plural(owner.Kind)}/{{name}} first.", DefinitionKinds.Word(owner.Kind));

    private static TransientException Busy(NameOwner owner) => new($"The {owner} is written by too many at once.");
}
