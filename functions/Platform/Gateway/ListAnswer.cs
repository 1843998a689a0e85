namespace DataPlatform.Gateway;

/// <summary>A page of a list: <c>{"value":[…],"nextLink":"…","next":"…"}</c>.</summary>
/// <param name="NextLink">Address of the next page; absent on the last one.</param>
/// <param name="Next">The cursor in it, for clients that cannot follow links.</param>
public sealed record ListAnswer<T>(IReadOnlyList<T> Value, string? NextLink = null, string? Next = null);
