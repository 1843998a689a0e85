using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class SqlEngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_takes_neither_the_turns_nor_the_memory_of_those_who_answer()
    {
        await using var store = new TestStore();
        await using var services = new ServiceCollection()
            .AddLogging()
            .Configure<PlatformOptions>(options =>
            {
                options.Storage = store.Storage;
                options.Scratch = Path.Combine(store.Folder, "scratch");
                options.SqlMemoryBytes = 96 << 20;
                options.ServingMemoryBytes = 64 << 20;
            })
            .AddLake()
            .AddTables()
            .AddSql()
            .BuildServiceProvider();
        var work = services.GetRequiredService<SqlEngine>();
        var serving = services.GetRequiredKeyedService<SqlEngine>(SqlEngine.Serving);
        List<SqlSession> busy = [];
        for (var i = 0; i < work.MaxSessions; i++)
            busy.Add(await work.OpenAsync(Token));

        var oneMore = work.OpenAsync(Token);
        await using (var session = await serving.OpenAsync(Token))
        {
            const string Settings = "SELECT current_setting('memory_limit'), parse_filename(current_setting('temp_directory'))";
            Assert.Equal(["64.0 MiB|spill-serving"], await SqlBed.RowsAsync(session, Settings));
            Assert.Equal(["96.0 MiB|spill"], await SqlBed.RowsAsync(busy[0], Settings));
        }

        Assert.NotNull(await services.GetRequiredService<SqlInspector>().InspectAsync("SELECT 1 AS one", "$", Token));
        Assert.False(oneMore.IsCompleted);
        foreach (var session in busy)
            await session.DisposeAsync();
        await (await oneMore).DisposeAsync();
    }
}
