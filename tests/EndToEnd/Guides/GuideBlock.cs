namespace DataPlatform.EndToEnd.Tests.Guides;

/// <summary>A fenced block of a guide.</summary>
/// <param name="Language">What stands behind the fence: <c>sh</c>, <c>json</c>, <c>csv</c> …</param>
/// <param name="Before">The line of text before it.</param>
internal sealed record GuideBlock(string Language, string Text, string Before);
