namespace Microsoft.DurableTask;

/// <summary>A sequence that arrives page by page; enumerating it walks all pages.</summary>
public abstract class AsyncPageable<T> : IAsyncEnumerable<T>
    where T : notnull
{
    /// <param name="continuationToken">Where to go on: <see cref="Page{T}.ContinuationToken"/> of the last page seen.</param>
    /// <param name="pageSizeHint">Wanted items a page.</param>
    public abstract IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = default, int? pageSizeHint = default);

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (Page<T> page in AsPages().WithCancellation(cancellationToken))
        {
            foreach (T value in page.Values) yield return value;
        }
    }
}
