using System.Text.RegularExpressions;
using DataPlatform.Failures;

namespace DataPlatform.Serving.OData;

/// <summary>An address below <c>/odata</c>, understood.</summary>
/// <param name="Set">The entity set's name, where the resource has one.</param>
/// <param name="Key">The key's value, of an entity.</param>
internal sealed partial record ODataPath(ODataResource Resource, string? Set = null, string? Key = null)
{
    private static readonly string[] NotOffered = ["$batch", "$all", "$entity", "$crossjoin"];

    /// <param name="path">What follows <c>/odata/</c>, decoded.</param>
    /// <exception cref="TerminalException">400 <c>InvalidPath</c>, 404 <c>AddressNotFound</c>, 501 <c>NotOffered</c>.</exception>
    public static ODataPath Parse(string path)
    {
        var (first, rest) = Cut(path.TrimEnd('/'));
        if (first.Length == 0 && rest is null)
            return new ODataPath(ODataResource.ServiceDocument);
        if (first == "$metadata" && rest is null)
            return new ODataPath(ODataResource.Metadata);
        if (NotOffered.FirstOrDefault(name => first == name || first.StartsWith(name + "(", StringComparison.Ordinal)) is { } known)
            throw Unsupported($"'{known}'");

        var segment = Segment().Match(first);
        if (!segment.Success)
            throw new TerminalException(FailureKind.NotFound, "AddressNotFound", $"There is no entity set '{Shorten(first)}': names are letters, digits and '_'. /odata lists the sets.", "path");
        var set = segment.Groups["set"].Value;
        if (!segment.Groups["call"].Success)
        {
            return rest switch
            {
                null => new ODataPath(ODataResource.Collection, set),
                "$count" => new ODataPath(ODataResource.Count, set),
                _ => throw Unsupported($"'{Shorten(rest)}' behind an entity set"),
            };
        }

        var key = KeyPattern().Match(segment.Groups["call"].Value);
        if (!key.Success)
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidPath", $"The key of an entity is one text in single quotes, the value of its {EntityShape.KeyName}: {set}('0123…'). To find rows by columns take $filter.", "path");
        }

        return rest is null
            ? new ODataPath(ODataResource.Entity, set, key.Groups["text"].Value.Replace("''", "'", StringComparison.Ordinal))
            : throw Unsupported($"'{Shorten(rest)}' behind an entity");
    }

    /// <summary>At the first slash outside of quotes.</summary>
    private static (string First, string? Behind) Cut(string path)
    {
        var quoted = false;
        for (var index = 0; index < path.Length; index++)
        {
            if (path[index] == '\'')
                quoted = !quoted;
            else if (path[index] == '/' && !quoted)
                return (path[..index], path[(index + 1)..]);
        }

        return (path, null);
    }

    private static TerminalException Unsupported(string what) => new(
        FailureKind.NotImplemented, "NotOffered", $"{what} is not offered. Offered are the service document, $metadata, entity sets, their $count, and entities by key.", "path");

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    [GeneratedRegex(@"^(?<set>[A-Za-z_][A-Za-z0-9_]{0,127})(?<call>\(.*\))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Segment();

    [GeneratedRegex(@"^\(\s*(_key\s*=\s*)?'(?<text>([^']|'')*)'\s*\)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex KeyPattern();
}
