using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class StoreSchemaTests
{
    [Fact]
    public async Task A_store_of_the_first_version_goes_on()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        using (SqliteSession old = new(path))
        {
            foreach (string statement in StoreSchema.Steps[0]) old.Execute(statement);
            old.Execute("INSERT INTO hub (name) VALUES ('Tests')");
            old.Execute("INSERT INTO instances (id, execution_id, name, status, created_at, updated_at, revision) VALUES ('a', 'e', 'main', 0, 1, 1, 1)");
            old.Execute("INSERT INTO history (instance_id, sequence, kind, at, task_id, name) VALUES ('a', 0, 0, 1, -1, NULL), ('a', 1, 1, 1, -1, 'main'), ('a', 2, 2, 1, 0, 'work')");
            old.Execute("INSERT INTO activities (instance_id, execution_id, task_id, name, input, owner, token, lease_until, deliveries) VALUES ('a', 'e', 0, 'work', '20', 'gone', 't', 0, 1)");
            old.Execute("INSERT INTO owners (id, process, started_at) VALUES ('gone', 1, 1)");
            old.Execute("INSERT INTO instances (id, execution_id, name, status, created_at, updated_at, revision) VALUES ('b', 'e', 'main', 6, 1, 1, 0)");
            old.Execute("INSERT INTO inbox (instance_id, execution_id, due_at, owner, kind, at, task_id, name) VALUES ('b', 'e', 1, 'gone', 1, 1, -1, 'main')");
            old.Execute("PRAGMA user_version = 1");
        }

        await using Harness host = await Harness.Start(
            registry => registry
                .Activity<int, int>("work", value => value + 1)
                .Orchestrator("main", context => context.CallActivityAsync<int>("work", 20)),
            path: path);

        Assert.Equal(21, (await host.End("a")).ReadOutputAs<int>());
        Assert.Equal(21, (await host.End("b")).ReadOutputAs<int>());
    }

    [Fact]
    public void A_store_of_a_later_version_is_refused()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        using (SqliteSession session = new(path)) session.Execute("PRAGMA user_version = 99");

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => new DurableStore(path, "Tests"));

        Assert.Contains($"has schema 99, this program knows {StoreSchema.Version}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_to_no_live_instance_is_swept_at_the_start()
    {
        using TempFolder folder = new();
        string path = folder.File("durable.db");
        await (await Harness.Start(_ => { }, path: path)).DisposeAsync();
        using SqliteSession session = new(path);
        session.Execute("INSERT INTO inbox (instance_id, due_at, kind, at, task_id) VALUES ('nobody', 0, 10, 0, 0)");
        session.Execute("INSERT INTO activities (instance_id, execution_id, task_id, name) VALUES ('nobody', 'e', 0, 'work')");
        session.Execute("INSERT INTO payloads (instance_id, hash, data) VALUES ('nobody', x'00', 'data')");

        await using Harness host = await Harness.Start(_ => { }, path: path);

        Assert.Equal(0L, session.Scalar(
            "SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM activities) + (SELECT COUNT(*) FROM payloads)"));
    }
}
