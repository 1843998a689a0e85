using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Catalog;

public sealed class CatalogStoreTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TestStore _store = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly CatalogStore _catalog;

    public CatalogStoreTests() => _catalog = Instance();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_document_is_kept_as_it_was_put()
    {
        var put = await PutAsync<DatasetDefinition>("flights", Documents.Flights);
        var entry = await Instance().GetAsync<DatasetDefinition>("flights", None);

        Assert.Equal((PutOutcome.Created, 1L, "1"), (put.Outcome, put.Entry.Version, put.Entry.ETag));
        Assert.Equal((1L, "1", _clock.GetUtcNow(), _clock.GetUtcNow()), (entry.Version, entry.ETag, entry.Created, entry.Updated));
        Assert.Equal(Documents.Flights, Encoding.UTF8.GetString(entry.Document.Span));
        Assert.Equal(5, entry.Definition.Fields.Count);
    }

    [Fact]
    public async Task Each_change_has_a_definition_version_of_its_own_and_old_ones_stay_readable()
    {
        await PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"one\""));
        _clock.Advance(TimeSpan.FromHours(1));
        var second = await PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"two\""));
        var third = await PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"three\""));

        Assert.Equal((PutOutcome.Replaced, 2L), (second.Outcome, second.Entry.Version));
        Assert.Equal(TimeSpan.FromHours(1), third.Entry.Updated - third.Entry.Created);
        Assert.Equal([1L, 2L, 3L], await _catalog.ListVersionsAsync<DatasetDefinition>("rows", None));
        foreach (var (version, description) in ((long, string)[])[(1, "one"), (2, "two"), (3, "three")])
            Assert.Equal(description, (await _catalog.GetAsync<DatasetDefinition>("rows", version, None)).Definition.Description);
        Assert.Equal("DefinitionVersionNotFound", await CodeAsync(() => _catalog.GetAsync<DatasetDefinition>("rows", 4, None)));
        Assert.Equal("DefinitionVersionNotFound", await CodeAsync(() => _catalog.GetAsync<DatasetDefinition>("rows", -1, None)));
    }

    [Fact]
    public async Task The_same_document_in_other_spacing_changes_nothing()
    {
        await PutAsync<DatasetDefinition>("flights", Documents.Flights);
        var again = await PutAsync<DatasetDefinition>("flights", Documents.Flights.Replace(" ", "", StringComparison.Ordinal).Replace("USdomesticflights", "US domestic flights", StringComparison.Ordinal));

        Assert.Equal((PutOutcome.Unchanged, 1L), (again.Outcome, again.Entry.Version));
        Assert.Equal([1L], await _catalog.ListVersionsAsync<DatasetDefinition>("flights", None));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_counts_on_when_put_again()
    {
        await PutAsync<DatasetDefinition>("rows", Documents.Dataset());
        await _catalog.DeleteAsync<DatasetDefinition>("rows", null, None);

        Assert.Null(await _catalog.FindAsync<DatasetDefinition>("rows", None));
        Assert.Equal("DatasetNotFound", await CodeAsync(() => _catalog.GetAsync<DatasetDefinition>("rows", None)));
        Assert.Equal("DatasetNotFound", await CodeAsync(() => _catalog.DeleteAsync<DatasetDefinition>("rows", null, None)));
        Assert.Empty((await _catalog.ListAsync<DatasetDefinition>(null, 10, None)).Entries);
        Assert.Equal([1L], await _catalog.ListVersionsAsync<DatasetDefinition>("rows", None));
        Assert.Equal(1, (await _catalog.GetAsync<DatasetDefinition>("rows", 1, None)).Version);

        var put = await PutAsync<DatasetDefinition>("rows", Documents.Dataset());
        Assert.Equal((PutOutcome.Created, 2L), (put.Outcome, put.Entry.Version));
        Assert.Equal([1L, 2L], await _catalog.ListVersionsAsync<DatasetDefinition>("rows", None));
    }

    [Fact]
    public async Task Conditions_guard_against_lost_updates()
    {
        Assert.Equal("DefinitionChanged", await CodeAsync(() => PutAsync<DatasetDefinition>("rows", Documents.Dataset(), PutCondition.IfMatch("1"))));
        await PutAsync<DatasetDefinition>("rows", Documents.Dataset(), PutCondition.IfAbsent);
        Assert.Equal("DefinitionExists", await CodeAsync(() => PutAsync<DatasetDefinition>("rows", Documents.Dataset(), PutCondition.IfAbsent)));

        await PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"two\""), PutCondition.IfMatch("1"));
        Assert.Equal("DefinitionChanged", await CodeAsync(() => PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"three\""), PutCondition.IfMatch("1"))));
        Assert.Equal("DefinitionChanged", await CodeAsync(() => _catalog.DeleteAsync<DatasetDefinition>("rows", "1", None)));
        await _catalog.DeleteAsync<DatasetDefinition>("rows", "2", None);
    }

    [Fact]
    public async Task A_refused_document_leaves_nothing_behind()
    {
        Assert.Equal("InvalidDefinition", await CodeAsync(() => PutAsync<DatasetDefinition>("rows", "{}")));
        Assert.Equal("DatasetNotFound", await CodeAsync(() => _catalog.ListVersionsAsync<DatasetDefinition>("rows", None)));
        await PutAsync<MartDefinition>("rows", Documents.Mart());
    }

    [Fact]
    public async Task Documents_are_listed_by_name_in_pages()
    {
        foreach (var name in (string[])["b", "a-b", "a", "c", "a-"])
            await PutAsync<PipelineDefinition>(name, Documents.Step("").Replace("\"t\"", $"\"t_{name.Replace("-", "_", StringComparison.Ordinal)}\"", StringComparison.Ordinal));
        await _catalog.DeleteAsync<PipelineDefinition>("b", null, None);

        var first = await _catalog.ListAsync<PipelineDefinition>(null, 2, None);
        Assert.Equal("a-", first.Next);
        Assert.Equal(["a", "a-"], first.Entries.Select(entry => entry.Definition.Name));
        var second = await _catalog.ListAsync<PipelineDefinition>(first.Next, 2, None);
        Assert.Null(second.Next);
        Assert.Equal(["a-b", "c"], second.Entries.Select(entry => entry.Definition.Name));
        Assert.Empty((await _catalog.ListAsync<DatasetDefinition>(null, 2, None)).Entries);
    }

    [Fact]
    public async Task Another_instance_sees_a_change_after_a_second_and_the_writer_at_once()
    {
        var other = Instance();
        await PutAsync<DatasetDefinition>("rows", Documents.Dataset());
        Assert.Equal(1, (await other.GetAsync<DatasetDefinition>("rows", None)).Version);
        Assert.Equal(1, (await _catalog.GetAsync<DatasetDefinition>("rows", None)).Version);

        await PutAsync<DatasetDefinition>("rows", Documents.Dataset("\"description\":\"two\""));
        Assert.Equal(2, (await _catalog.GetAsync<DatasetDefinition>("rows", None)).Version);
        Assert.Equal(1, (await other.GetAsync<DatasetDefinition>("rows", None)).Version);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(2, (await other.GetAsync<DatasetDefinition>("rows", None)).Version);
    }

    [Fact]
    public async Task Datasets_step_targets_and_marts_share_their_names()
    {
        await PutAsync<DatasetDefinition>("a", Documents.Dataset());
        await PutAsync<PipelineDefinition>("p", Documents.Step(""));
        await PutAsync<MartDefinition>("m", Documents.Mart());

        Assert.Equal("NameTaken", await CodeAsync(() => PutAsync<MartDefinition>("a", Documents.Mart())));
        Assert.Equal("NameTaken", await CodeAsync(() => PutAsync<DatasetDefinition>("t", Documents.Dataset())));
        Assert.Equal("NameTaken", await CodeAsync(() => PutAsync<PipelineDefinition>("q", Documents.Step(""))));
        await PutAsync<PipelineDefinition>("a", Documents.Step("").Replace("\"t\"", "\"t2\"", StringComparison.Ordinal));

        var tables = new TableCatalog(_catalog);
        Assert.Equal(new TableName(TableKind.Dataset, "a"), await tables.FindAsync("a", None));
        Assert.Equal(new TableName(TableKind.Warehouse, "t"), await tables.FindAsync("t", None));
        Assert.Equal(new TableName(TableKind.Mart, "m"), await tables.FindAsync("m", None));
        Assert.Null(await tables.FindAsync("p", None));
        Assert.Null(await tables.FindAsync("../x", None));
        Assert.Equal("TableNotFound", await CodeAsync(() => tables.GetAsync("nope", None)));
    }

    [Fact]
    public async Task A_name_is_free_when_its_document_gives_it_up()
    {
        await PutAsync<PipelineDefinition>("p", Documents.Step(""));
        await PutAsync<PipelineDefinition>("p", Documents.Step("").Replace("\"t\"", "\"t2\"", StringComparison.Ordinal));
        await PutAsync<DatasetDefinition>("t", Documents.Dataset());
        await _catalog.DeleteAsync<PipelineDefinition>("p", null, None);
        await PutAsync<MartDefinition>("t2", Documents.Mart());
    }

    [Fact]
    public async Task A_pipeline_that_cannot_have_one_name_takes_none()
    {
        await PutAsync<DatasetDefinition>("z", Documents.Dataset());
        const string two = """{"steps":[{"name":"s","target":"y","sql":"SELECT 1"},{"name":"r","target":"z","sql":"SELECT 1"}]}""";
        Assert.Equal("NameTaken", await CodeAsync(() => PutAsync<PipelineDefinition>("p", two)));
        await PutAsync<MartDefinition>("y", Documents.Mart());
    }

    [Fact]
    public async Task A_reservation_that_a_crash_left_is_taken_over_after_a_while()
    {
        await ReserveAsync("rows", "mart", "rows");
        Assert.Null(await new TableCatalog(_catalog).FindAsync("rows", None));

        var busy = await Assert.ThrowsAsync<TerminalException>(() => PutAsync<DatasetDefinition>("rows", Documents.Dataset()));
        Assert.Equal(("NameTaken", TimeSpan.FromSeconds(30)), (busy.Code, busy.RetryAfter));

        _clock.Advance(TimeSpan.FromSeconds(31));
        var put = await PutAsync<DatasetDefinition>("rows", Documents.Dataset());
        Assert.Equal((PutOutcome.Created, 1L), (put.Outcome, put.Entry.Version));
        Assert.Equal(TableKind.Dataset, (await new TableCatalog(_catalog).GetAsync("rows", None)).Kind);
        Assert.Equal("NameTaken", await CodeAsync(() => PutAsync<MartDefinition>("rows", Documents.Mart())));
    }

    [Fact]
    public async Task The_owner_of_a_reservation_that_a_crash_left_goes_on_at_once()
    {
        await ReserveAsync("rows", "dataset", "rows");
        Assert.Equal(PutOutcome.Created, (await PutAsync<DatasetDefinition>("rows", Documents.Dataset())).Outcome);
    }

    [Fact]
    public async Task A_writer_that_slept_while_its_name_was_taken_over_does_not_get_it()
    {
        // The writer of mart 'rows' reads, reserves and sleeps before it writes.
        var documents = new DocumentStore(_store.Objects);
        var names = new NameRegistry(_store.Rows, documents, _clock);
        var read = await documents.FindAsync(DefinitionKind.Mart, "rows", None);
        await names.ClaimAsync(new NameOwner(DefinitionKind.Mart, "rows"), "rows", None);

        _clock.Advance(TimeSpan.FromSeconds(31));
        await PutAsync<DatasetDefinition>("rows", Documents.Dataset());

        var now = _clock.GetUtcNow();
        var late = new StoredDocument(1, now, now, null, Encoding.UTF8.GetBytes(Documents.Mart()));
        Assert.False(await documents.TryWriteAsync(DefinitionKind.Mart, "rows", late, read?.ETag, None));
    }

    [Fact]
    public async Task Of_many_writers_of_one_name_in_many_instances_one_wins()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = $"n{round}";
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
            {
                var catalog = Instance();
                try
                {
                    if (writer % 2 == 0)
                        await catalog.PutAsync<DatasetDefinition>(name, Bytes(Documents.Dataset()), PutCondition.IfAbsent, None);
                    else
                        await catalog.PutAsync<MartDefinition>(name, Bytes(Documents.Mart()), PutCondition.IfAbsent, None);
                    return "won";
                }
                catch (TerminalException exception)
                {
                    return exception.Code;
                }
            }));

            Assert.Single(outcomes, "won");
            Assert.All(outcomes, outcome => Assert.Contains(outcome, (string[])["won", "NameTaken", "DefinitionExists"]));
            Assert.NotNull(await new TableCatalog(Instance()).FindAsync(name, None));
        }
    }

    [Fact]
    public async Task Writers_without_conditions_all_get_a_version()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 6).Select(async writer =>
            (await Instance().PutAsync<DatasetDefinition>("rows", Bytes(Documents.Dataset($"\"description\":\"{writer}\"")), PutCondition.None, None)).Entry.Version));

        Assert.Equal([1, 2, 3, 4, 5, 6], versions.Order());
        Assert.Equal([1, 2, 3, 4, 5, 6], await _catalog.ListVersionsAsync<DatasetDefinition>("rows", None));
    }

    private CatalogStore Instance() =>
        new(_store.Objects, _store.Rows, _clock, Options.Create(new PlatformOptions()), NullLogger<CatalogStore>.Instance);

    private Task<PutResult<T>> PutAsync<T>(string name, string json, PutCondition? condition = null)
        where T : class => _catalog.PutAsync<T>(name, Bytes(json), condition ?? PutCondition.None, None);

    private async Task ReserveAsync(string table, string kind, string owner) =>
        Assert.NotNull(await _store.Rows.TryInsertAsync(
            "names",
            new RowKey("tables", table),
            Bytes($$"""{"kind":"{{kind}}","owner":"{{owner}}","at":"{{_clock.GetUtcNow():O}}"}"""),
            None));

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static async Task<string> CodeAsync(Func<Task> action) => (await Assert.ThrowsAsync<TerminalException>(action)).Code;
}
