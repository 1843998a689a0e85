namespace DataPlatform.TestKit;

/// <summary>What a server has seen of a request.</summary>
/// <param name="Headers">Their names, in order.</param>
public sealed record SeenRequest(string Path, string Range, string IfRange, IReadOnlyList<string> Headers);
