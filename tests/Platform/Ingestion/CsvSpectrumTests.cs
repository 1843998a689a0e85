using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion;

/// <summary>The CSV files of the npm package csv-spectrum, each with the rows it stands for.</summary>
public sealed class CsvSpectrumTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "node_modules", "csv-spectrum");

    // The package's expectation has an invented number here, and one object where the others have a list.
    private const string WrongNumber = "1234567890";
    private const string RightNumber = "2095257564";

    [Fact]
    public void All_twelve_files_give_their_rows()
    {
        Assert.SkipUnless(Directory.Exists(Folder), "npm packages are not installed: ./dev test does it");
        var files = Directory.GetFiles(Path.Combine(Folder, "csvs"));
        Assert.Equal(12, files.Length);
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "json", Path.GetFileNameWithoutExtension(file) + ".json")));
            var root = document.RootElement;
            List<JsonElement> expected = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
            var names = expected[0].EnumerateObject().Select(member => member.Name).ToList();
            var definition = Parsed.Dataset([.. names.Select((name, i) => new FieldDefinition { Name = $"f{i}", Source = name, Type = FieldType.String })]);
            foreach (var chunk in new[] { int.MaxValue, 1 })
            {
                var parsed = Parsed.Read(definition, BatchFormat.Csv, File.ReadAllBytes(file), chunk: chunk);
                Assert.True(parsed.Quarantine.Count == 0, Path.GetFileName(file));
                Assert.Equal(
                    expected.Select(row => string.Join('|', names.Select(name => row.GetProperty(name).GetString())).Replace(WrongNumber, RightNumber, StringComparison.Ordinal)),
                    parsed.Rows.Select(row => string.Join('|', row)));
            }
        }
    }
}
