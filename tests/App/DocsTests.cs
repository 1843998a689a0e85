using System.Reflection;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.TestKit;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Tests;

/// <summary>What the documents say is there.</summary>
public sealed partial class DocsTests
{
    private static readonly string Dev = File.ReadAllText(Path.Combine(Repository.Root, "dev"));

    private static readonly IReadOnlyList<Regex> Routes =
    [
        .. typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters())
            .Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()?.Route)
            .OfType<string>()
            .Where(route => !route.StartsWith("{*", StringComparison.Ordinal))
            .Select(route => new Regex($"^/{RouteParameter().Replace(route, parameter => parameter.Value[1] == '*' ? ".+" : "[^/]+")}$", RegexOptions.None, TimeSpan.FromSeconds(1))),
    ];

    public static TheoryData<string> Documents { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var broken = Link().Matches(Read(document))
            .Select(link => link.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target)));

        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_of_dev_exist(string document)
    {
        var unknown = DevCommand().Matches(Read(document))
            .Select(command => command.Groups["name"].Value)
            .Where(name => !Dev.Contains($"\n./dev {name}", StringComparison.Ordinal));

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Addresses_are_those_of_routes(string document)
    {
        var unknown = Address().Matches(Read(document))
            .Select(address => address.Value.TrimEnd('.', '/'))
            .Where(address => !Routes.Any(route => route.IsMatch(address)));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_decision_is_in_the_list()
    {
        var folder = Path.Combine(Repository.Root, "docs", "adr");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        var missing = Directory.EnumerateFiles(folder, "0*.md").Select(Path.GetFileName).Where(name => !index.Contains(name!, StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_setting_is_documented_with_its_default()
    {
        var options = new PlatformOptions();
        var rows = typeof(PlatformOptions).GetProperties().Select(property =>
            property.GetValue(options) is { } value and not System.Collections.ICollection { Count: 0 } && $"{value}" is { Length: > 0 } text
                ? $"| `{property.Name}` | {(value is long ? text : $"`{text}`")} | "
                : $"| `{property.Name}` | | ");
        var document = Read(Path.Combine("docs", "settings.md"));

        Assert.All(rows, row => Assert.Contains(row, document, StringComparison.Ordinal));
    }

    [Fact]
    public void Documents_in_the_readme_are_valid()
    {
        var bodies = Document().Matches(Read("README.md")).Select(body => body.Groups["json"].Value).ToList();

        Assert.Equal(2, bodies.Count);
        var dataset = DefinitionParser.Parse<DatasetDefinition>(System.Text.Encoding.UTF8.GetBytes(bodies[0]), "orders");
        var mart = DefinitionParser.Parse<MartDefinition>(System.Text.Encoding.UTF8.GetBytes(bodies[1]), "daily_orders");
        Assert.Equal("orders", dataset.Name);
        Assert.Equal("orders", mart.Source);
    }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, 1000)]
    private static partial Regex RouteParameter();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\./dev (?<name>[a-z]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DevCommand();

    [GeneratedRegex(@"/(api/v1|health)/[A-Za-z0-9/_{}.$\-]*[A-Za-z0-9}]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"-d '\s*(?<json>\{.*?\})'", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Document();

    private static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));
}
