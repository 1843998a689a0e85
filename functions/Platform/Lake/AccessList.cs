using System.Text.RegularExpressions;
using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>
/// A POSIX access control list in the text form that Azure's tools share: <c>user::rwx,user:{object id}:r-x,group::r-x,mask::r-x,other::---</c>,
/// on folders also entries that begin with <c>default:</c>, which new objects below inherit.
/// </summary>
public sealed partial record AccessList
{
    /// <summary>Of either kind, which is what a path can have.</summary>
    public const int MaxEntries = 32;

    private static readonly string[] Always = ["user", "group", "other"];

    private AccessList(string text, bool hasDefaults) => (Text, HasDefaults) = (text, hasDefaults);

    public string Text { get; }

    /// <summary>Whether there are entries that only folders have.</summary>
    public bool HasDefaults { get; }

    /// <exception cref="TerminalException"><c>InvalidAccessList</c>: names the entry and the rule.</exception>
    public static AccessList Parse(string text)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in text.Split(','))
        {
            if (Entry().Match(entry) is not { Success: true } match)
                throw Fault($"'{(entry.Length <= 80 ? entry : entry[..80] + "…")}' is no entry; one looks like user:{{object id}}:r-x or default:group::r--");
            if (match.Groups["id"].Length > 0 && match.Groups["type"].Value is "mask" or "other")
                throw Fault($"'{entry}' names somebody, which only user and group do");
            if (!seen.Add(entry[..^4]))
                throw Fault($"'{entry[..^4]}' is there twice");
        }

        var defaults = seen.Where(key => key.StartsWith("default:", StringComparison.Ordinal)).Select(key => key["default:".Length..]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var own = seen.Where(key => !key.StartsWith("default:", StringComparison.Ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Check(own, "");
        if (defaults.Count > 0)
            Check(defaults, "default:");
        return new AccessList(text, defaults.Count > 0);
    }

    public override string ToString() => Text;

    private static void Check(HashSet<string> entries, string prefix)
    {
        if (Always.FirstOrDefault(type => !entries.Contains(type + ":")) is { } missing)
            throw Fault($"the entry '{prefix}{missing}::…' is missing: user, group and other are always there");
        if (entries.Any(entry => !entry.EndsWith(':')) && !entries.Contains("mask:"))
            throw Fault($"the entry '{prefix}mask::…' is missing, which bounds what the named users and groups may");
        if (entries.Count > MaxEntries)
            throw Fault($"it has {entries.Count} entries, and a path can have {MaxEntries} of a kind");
    }

    private static TerminalException Fault(string fault) =>
        new(FailureKind.Invalid, "InvalidAccessList", $"The access control list cannot be set: {fault}.", "acl");

    [GeneratedRegex(@"\A(default:)?(?<type>user|group|mask|other):(?<id>[A-Za-z0-9@._-]{0,128}):[r-][w-][x-]\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Entry();
}
