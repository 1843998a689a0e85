namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The tables, as the steps that lead from each version to the next. A new file takes them all.</summary>
internal static class StoreSchema
{
    public static int Version => Steps.Length;

    public static readonly string[][] Steps = [First, Second, Third];

    private static string[] First =>
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

    /// <summary>Instances have an owner, messages no longer; failed turns and the deaths of processes are counted; payloads are spilled.</summary>
    private static string[] Second =>
    [
        "ALTER TABLE inbox DROP COLUMN owner",
        "ALTER TABLE instances ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE instances ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE instances ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE instances ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE instances ADD COLUMN problem TEXT",
        // The live ones only: finished instances may be many.
        "CREATE INDEX instances_owned ON instances (owner) WHERE status IN (0, 6, 7)",
        "ALTER TABLE activities ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0",
        // Null: the lock of its file says whether it lives.
        "ALTER TABLE owners ADD COLUMN lease_until INTEGER",
        "CREATE TABLE payloads (instance_id TEXT NOT NULL, hash BLOB NOT NULL, data TEXT NOT NULL)",
        "CREATE UNIQUE INDEX payloads_of_instance ON payloads (instance_id, hash)",
    ];

    /// <summary>Whether work that has met deaths was begun, and not only waited, when its process died.</summary>
    private static string[] Third =>
    [
        "ALTER TABLE instances ADD COLUMN begun INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE activities ADD COLUMN begun INTEGER NOT NULL DEFAULT 0",
    ];
}
