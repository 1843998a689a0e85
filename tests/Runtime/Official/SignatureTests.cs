using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Official;

public sealed class SignatureTests
{
    private static readonly Assembly Runtime = typeof(FunctionAttribute).Assembly;

    // Official, but of a package without a listing (DurableTask.Core).
    private static readonly string[] Unlisted = ["DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException"];

    [Fact]
    public void Every_public_member_in_an_official_namespace_is_in_the_official_listing()
    {
        var listing = OfficialListing.Find();
        Assert.SkipWhen(
            listing is null,
            "The official listings are not here: put them in ../shared/api beside the repository, or name their folder in DATAPLATFORM_OFFICIAL_API.");

        var types = Runtime.GetExportedTypes().Where(t => IsOfficial(t.Namespace!)).ToList();
        Assert.Contains(typeof(HttpTriggerAttribute), types);
        var differences = string.Join(Environment.NewLine, types.SelectMany(t => Differences(t, listing!)));
        Assert.True(differences.Length == 0, differences);
    }

    [Fact]
    public void Nothing_else_is_public() =>
        Assert.DoesNotContain(Runtime.GetExportedTypes(), t => !IsOfficial(t.Namespace!) && !Unlisted.Contains(t.FullName!));

    [Fact]
    public void An_extra_member_would_be_found()
    {
        var listing = OfficialListing.Find();
        Assert.SkipWhen(listing is null, "The official listings are not here.");
        var type = SignaturePrinter.NameOf(typeof(TimerInfo));
        Assert.True(listing!.Has(type, "property public bool IsPastDue { get; set; }"));
        Assert.False(listing.Has(type, "property public bool IsPastDue { get; }"));
        Assert.False(listing.Has(type, "property public bool IsLate { get; set; }"));
        Assert.False(listing.HasType(SignaturePrinter.NameOf(typeof(FunctionCatalog))));
    }

    private static IEnumerable<string> Differences(Type type, OfficialListing listing)
    {
        var name = SignaturePrinter.NameOf(type);
        if (!listing.HasType(name))
        {
            yield return $"{name}: no such official type";
            yield break;
        }

        foreach (var problem in HeaderDifferences(type, name, listing))
        {
            yield return problem;
        }

        foreach (var member in SignaturePrinter.Members(type).Where(m => !listing.Has(name, m)))
        {
            yield return $"{name}: not official: {member}";
        }
    }

    // A type may implement fewer interfaces than the official one; what it has must be there, and its kind and base the same.
    private static IEnumerable<string> HeaderDifferences(Type type, string name, OfficialListing listing)
    {
        var (kind, parent, interfaces) = SignaturePrinter.Header(type);
        if (listing.HeaderOf(name) is not { } official)
        {
            yield break;
        }

        if (!official.StartsWith($"TYPE {kind} ", StringComparison.Ordinal))
        {
            yield return $"{name}: is '{kind}', official '{official}'";
        }

        var bases = official.Split(" : ", 2) is [_, var list] ? SplitTopLevel(list).ToList() : [];
        foreach (var missing in interfaces.Append(parent).Where(b => b.Length > 0 && !bases.Contains(b)))
        {
            yield return $"{name}: derives from {missing}, official '{official}'";
        }

        if (parent.Length == 0 && type.IsClass && bases.Any(b => b.EndsWith("Attribute", StringComparison.Ordinal) || b.EndsWith("Exception", StringComparison.Ordinal)))
        {
            yield return $"{name}: lacks the base of '{official}'";
        }

        var usage = type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false);
        if (!SameUsage(usage, listing.UsageOf(name)))
        {
            yield return $"{name}: AttributeUsage differs from '{listing.UsageOf(name)}'";
        }
    }

    private static bool SameUsage(AttributeUsageAttribute? usage, string official)
    {
        if (usage is null || official.Length == 0)
        {
            return usage is null && official.Length == 0;
        }

        var targets = official.Split(", ")[0].Split(" | ")
            .Select(t => Enum.Parse<AttributeTargets>(t[(t.LastIndexOf('.') + 1)..]))
            .Aggregate((a, b) => a | b);
        return usage.ValidOn == targets &&
            usage.AllowMultiple == official.Contains("AllowMultiple = true", StringComparison.Ordinal) &&
            usage.Inherited != official.Contains("Inherited = false", StringComparison.Ordinal);
    }

    private static IEnumerable<string> SplitTopLevel(string list)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < list.Length; i++)
        {
            depth += list[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (depth == 0 && list[i] == ',')
            {
                yield return list[start..i].Trim();
                start = i + 1;
            }
        }

        yield return list[start..].Trim();
    }

    private static bool IsOfficial(string space) => space.StartsWith("Microsoft.", StringComparison.Ordinal) || space.StartsWith("Azure.", StringComparison.Ordinal);
}
