namespace DataPlatform.Serving.Queries;

/// <summary>What a single query may ask for.</summary>
/// <param name="MaxTop">Largest <c>top</c>.</param>
/// <param name="PageSize">Rows of a page when <c>top</c> is not given.</param>
/// <param name="PageBytes">A page ends early when it has as many bytes.</param>
/// <param name="MaxExpressionLength">Characters of <c>filter</c>, <c>orderby</c> and <c>select</c> each. How deep expressions may be
/// nested is limited by the parser (about 100 levels).</param>
public sealed record QueryLimits(int MaxTop = 100_000, int PageSize = 1_000, long PageBytes = 8 << 20, int MaxExpressionLength = 8_192)
{
    public static readonly QueryLimits Default = new();
}
