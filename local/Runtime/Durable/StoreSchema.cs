namespace DataPlatform.Local.Runtime.Durable;

internal static class StoreSchema
{
    public static readonly string[] Statements =
    [
        "CREATE TABLE hub (name TEXT NOT NULL)",
        """
        CREATE TABLE instances (
            id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status INTEGER NOT NULL,
            input TEXT, output TEXT, custom_status TEXT, failure TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            parent TEXT, tags TEXT, revision INTEGER NOT NULL) WITHOUT ROWID
        """,
        """
        CREATE TABLE history (
            instance_id TEXT NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
            task_id INTEGER NOT NULL, name TEXT, payload TEXT, failure TEXT,
            PRIMARY KEY (instance_id, sequence)) WITHOUT ROWID
        """,
        // Ids grow for ever, so that a reused one can't stand for a message that was read before.
        """
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT, due_at INTEGER NOT NULL,
            owner TEXT NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL, task_id INTEGER NOT NULL,
            name TEXT, payload TEXT, failure TEXT)
        """,
        "CREATE INDEX inbox_of_instance ON inbox (instance_id, due_at, id)",
        "CREATE INDEX inbox_due ON inbox (due_at)",
        """
        CREATE TABLE activities (
            id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL,
            name TEXT NOT NULL, version TEXT, input TEXT, owner TEXT, token TEXT, lease_until INTEGER NOT NULL DEFAULT 0,
            deliveries INTEGER NOT NULL DEFAULT 0)
        """,
        "CREATE INDEX activities_of_instance ON activities (instance_id)",
        "CREATE INDEX activities_free ON activities (lease_until, id)",
        "CREATE TABLE owners (id TEXT PRIMARY KEY, process INTEGER NOT NULL, started_at INTEGER NOT NULL) WITHOUT ROWID",
    ];
}
