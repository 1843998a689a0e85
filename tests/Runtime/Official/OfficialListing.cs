using System.Text.RegularExpressions;

namespace DataPlatform.Local.Runtime.Tests.Official;

/// <summary>The public members of the official packages, read from their listing files, one member a line:
/// <c>namespace | type | member</c>. Names are compared without namespaces, attributes only where they restrict usage.</summary>
internal sealed partial class OfficialListing
{
    private readonly HashSet<string> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _headers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _usages = new(StringComparer.Ordinal);

    private OfficialListing(string folder)
    {
        foreach (var line in Directory.EnumerateFiles(folder, "*.txt").SelectMany(File.ReadLines))
        {
            if (line.Split(" | ", 3) is [var space, var type, var member])
            {
                Add($"{space}.{type}", member);
            }
        }
    }

    /// <returns>Null when the files are not on this machine.</returns>
    public static OfficialListing? Find()
    {
        if (Environment.GetEnvironmentVariable("DATAPLATFORM_OFFICIAL_API") is { Length: > 0 } set)
        {
            return new OfficialListing(set);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var listing = Path.Combine(folder.FullName, "..", "shared", "api");
            if (File.Exists(Path.Combine(folder.FullName, "DataPlatform.sln")) && Directory.Exists(listing))
            {
                return new OfficialListing(listing);
            }
        }

        return null;
    }

    public bool HasType(string type) => _usages.ContainsKey(type);

    public bool Has(string type, string member) => _lines.Contains($"{type} | {Comparable(member)}");

    /// <summary>What a derived type must implement.</summary>
    public IEnumerable<string> AbstractsOf(string type, bool isInterface) => _lines
        .Where(line => line.StartsWith($"{type} | ", StringComparison.Ordinal))
        .Select(line => line[(type.Length + 3)..])
        .Where(member => isInterface || member.Contains(" abstract ", StringComparison.Ordinal));

    /// <summary>The member as two spellings of it compare.</summary>
    public static string Comparable(string member) =>
        TypeParameter().Replace(Remark().Replace(Namespaces().Replace(member, ""), ""), "${name}").Trim();

    /// <summary>The type's line, such as <c>TYPE public sealed class X : Y</c>.</summary>
    public string? HeaderOf(string type) => _headers.GetValueOrDefault(type);

    /// <summary>The type's own <c>AttributeUsage</c> arguments; empty when it has none.</summary>
    public string UsageOf(string type) => _usages[type];

    private void Add(string type, string member)
    {
        if (member.StartsWith("00 TYPE ", StringComparison.Ordinal) || member.StartsWith("TYPE ", StringComparison.Ordinal))
        {
            var usage = Usage().Match(member);
            _usages[type] = usage.Success ? usage.Groups["usage"].Value : "";
            _headers[type] = Comparable(WithoutAttributes(member[member.IndexOf("TYPE", StringComparison.Ordinal)..]));
            return;
        }

        _lines.Add($"{type} | {Comparable(WithoutAttributes(member))}");
    }

    // "property [A(...)][B] public string X" -> "property public string X"
    private static string WithoutAttributes(string member)
    {
        var space = member.IndexOf(' ', StringComparison.Ordinal);
        var rest = member[(space + 1)..];
        while (rest.StartsWith('['))
        {
            var depth = 0;
            var end = 0;
            do
            {
                depth += rest[end] switch { '[' => 1, ']' => -1, _ => 0 };
                end++;
            }
            while (depth > 0);
            rest = rest[end..].TrimStart();
        }

        return $"{member[..space]} {rest}";
    }

    [GeneratedRegex(@"AttributeUsageAttribute\((?<usage>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Usage();

    [GeneratedRegex(@"\b([A-Za-z_]\w*\.)+(?=[A-Za-z_])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Namespaces();

    // Reflection cannot tell T from T? for every type parameter: this mark alone is not compared.
    [GeneratedRegex(@"\b(?<name>T|TResult|TInput|TOutput)\?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeParameter();

    [GeneratedRegex(@"\s{3}\(.*\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Remark();
}
