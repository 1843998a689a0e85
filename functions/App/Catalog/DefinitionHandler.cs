using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Catalog;

/// <summary>The requests that all kinds of definitions answer alike.</summary>
public sealed class DefinitionHandler<T>(CatalogStore catalog, Links links)
    where T : class
{
    private const int DefaultTop = 100;
    private const int MaxTop = 1000;

    /// <summary>201 when the definition is new, else 200; the document as it is now, with its ETag.</summary>
    /// <param name="check">Throws when the definition, right by itself, cannot work: its SQL, the tables it names.</param>
    /// <param name="options">Query options that <paramref name="check"/> reads.</param>
    public async Task<IResult> PutAsync(
        HttpRequest request, string name, Func<T, CancellationToken, Task> check, CancellationToken cancellationToken, params IReadOnlyList<string> options)
    {
        _ = new QueryOptions(request, options);
        var condition = Preconditions.Read(request);
        var document = await DocumentReader.ReadAsync(request, cancellationToken);
        await check(DefinitionParser.Parse<T>(document, name), cancellationToken);
        var result = await catalog.PutAsync<T>(name, document, condition, cancellationToken);
        return Answer(result.Entry, result.Outcome == PutOutcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>The current document, or with <c>?version=</c> an older one; 304 when the caller has it.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        var version = new QueryOptions(request, "version").Number("version", 1, long.MaxValue);
        var entry = version is null
            ? await catalog.GetAsync<T>(name, cancellationToken)
            : await catalog.GetAsync<T>(name, version.Value, cancellationToken);
        return request.Headers.IfNoneMatch.Any(tag => tag is not null && tag.Contains($"\"{entry.ETag}\"", StringComparison.Ordinal))
            ? new EmptyAnswer(StatusCodes.Status304NotModified) { Headers = HeadersOf(entry) }
            : Answer(entry, StatusCodes.Status200OK);
    }

    /// <summary>A page of summaries in order of names.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        var top = (int)(query.Number("top", 1, MaxTop) ?? DefaultTop);
        var page = await catalog.ListAsync<T>(query.Text("after"), top, cancellationToken);
        return links.List(request, [.. page.Entries.Select(Summary)], "after", page.Next);
    }

    public async Task<IResult> ListVersionsAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var versions = await catalog.ListVersionsAsync<T>(name, cancellationToken);
        return links.List(request, [.. versions.Select(version => new DefinitionVersion(version))], "after", null);
    }

    /// <summary>204 when it is deleted.</summary>
    /// <param name="check">Throws when others still need it.</param>
    public async Task<IResult> DeleteAsync(HttpRequest request, string name, Func<T, CancellationToken, Task> check, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var etag = Preconditions.ReadETag(request);
        await check((await catalog.GetAsync<T>(name, cancellationToken)).Definition, cancellationToken);
        await catalog.DeleteAsync<T>(name, etag, cancellationToken);
        return new EmptyAnswer(StatusCodes.Status204NoContent);
    }

    private static JsonAnswer Answer(CatalogEntry<T> entry, int status) => new(status, entry.Document) { Headers = HeadersOf(entry) };

    internal static Dictionary<string, string> HeadersOf(CatalogEntry<T> entry) => new()
    {
        ["ETag"] = $"\"{entry.ETag}\"",
        ["Last-Modified"] = entry.Updated.ToString("R", CultureInfo.InvariantCulture),
        ["x-ms-definition-version"] = entry.Version.ToString(CultureInfo.InvariantCulture),
    };

    private static DefinitionSummary Summary(CatalogEntry<T> entry)
    {
        var (name, description) = entry.Definition switch
        {
            DatasetDefinition dataset => (dataset.Name, dataset.Description),
            PipelineDefinition pipeline => (pipeline.Name, pipeline.Description),
            MartDefinition mart => (mart.Name, mart.Description),
            RouteDefinition route => (route.Name, route.Description),
            DashboardDefinition dashboard => (dashboard.Name, dashboard.Description),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is not a definition."),
        };
        return new DefinitionSummary(name, description, entry.Version, entry.ETag, entry.Created, entry.Updated) { Title = (entry.Definition as DashboardDefinition)?.Title };
    }
}
