using System.Text.RegularExpressions;

namespace DataPlatform.EndToEnd.Tests.Guides;

/// <summary>
/// A guide as a list of things to do: <c>sh</c> blocks are run; a <c>json</c> block behind one shows members of what it prints; a block behind a line
/// with a file's name and <c>:</c> at its end is that file.
/// </summary>
internal sealed partial class Guide
{
    private Guide(IReadOnlyList<GuideBlock> blocks) => Blocks = blocks;

    public IReadOnlyList<GuideBlock> Blocks { get; }

    public static Guide Read(string path)
    {
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        return new Guide([.. Fence().Matches(text).Select(match => new GuideBlock(
            match.Groups["language"].Value, match.Groups["text"].Value, text[..match.Index].TrimEnd('\n').Split('\n')[^1]))]);
    }

    /// <returns>The name of the file that a block is; null when it is none.</returns>
    public static string? FileOf(GuideBlock block) =>
        FileName().Match(block.Before) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<name>[A-Za-z0-9_-]+\\.[a-z]+)`[^`]*:$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();
}
