namespace DataPlatform.Local.Runtime.Durable;

internal static class OwnerTable
{
    private const string Orphaned = "status IN (0, 6, 7) AND owner NOT IN (SELECT id FROM owners)";

    public static void Insert(SqliteSession session, string id, DateTimeOffset now, DateTimeOffset? leaseUntil) => session.Execute(
        "INSERT OR IGNORE INTO owners (id, process, started_at, lease_until) VALUES (?1, ?2, ?3, ?4)",
        id, Environment.ProcessId, now.UtcTicks, leaseUntil?.UtcTicks);

    /// <summary>Drops messages, activities and payloads of instances that are over or unknown; nothing leaves them, so there should be none.</summary>
    public static void Sweep(SqliteSession session)
    {
        session.Execute("DELETE FROM inbox WHERE instance_id NOT IN (SELECT id FROM instances WHERE status IN (0, 6, 7))");
        session.Execute("DELETE FROM activities WHERE instance_id NOT IN (SELECT id FROM instances WHERE status IN (0, 6, 7))");
        session.Execute("DELETE FROM payloads WHERE instance_id NOT IN (SELECT id FROM instances)");
    }

    /// <returns>Id and lease of each.</returns>
    public static List<(string Id, DateTimeOffset? LeaseUntil)> List(SqliteSession session) =>
        session.Query("SELECT id, lease_until FROM owners", row => (row.String(0), row.OptionalTime(1)));

    /// <returns>False if it was taken for dead.</returns>
    public static bool Renew(SqliteSession session, string id, DateTimeOffset leaseUntil) =>
        session.Execute("UPDATE owners SET lease_until = ?2 WHERE id = ?1", id, leaseUntil.UtcTicks) == 1;

    /// <summary>A process leaves: the others share its instances among them by chance, and anybody takes its activities.</summary>
    /// <param name="heirs">Live owners; none leaves the instances to whoever starts next.</param>
    /// <returns>Null if somebody else has done it; else how many instances and activities there were.</returns>
    public static (int Instances, int Activities)? Remove(
        SqliteSession session, string id, IReadOnlyList<string> heirs, DateTimeOffset now, bool died)
    {
        if (session.Execute("DELETE FROM owners WHERE id = ?1", id) == 0) return null;
        if (died)
        {
            // One of those that had something to do may be what kills processes.
            session.Execute(
                $"""
                UPDATE instances SET begun = 0, deaths = deaths + 1,
                    problem = CASE WHEN deaths < {Backoff.FreeDeaths} THEN problem ELSE 'Processes died while it had something to do.' END,
                    retry_at = CASE WHEN deaths < {Backoff.FreeDeaths} THEN retry_at ELSE ?2 + {Backoff.AfterDeaths} END
                WHERE owner = ?1 AND status IN (0, 6, 7) AND (deaths < {Backoff.FreeDeaths} OR begun)
                    AND EXISTS (SELECT 1 FROM inbox WHERE inbox.instance_id = instances.id AND inbox.due_at <= ?2)
                """,
                id, now.UtcTicks);
        }

        int instances = Assign(session, id, heirs);
        return (instances, died ? ActivityTable.ReleaseDead(session, id, now) : ActivityTable.Release(session, id));
    }

    /// <summary>Takes a share of the instances that nobody owns, or somebody who has left meanwhile.</summary>
    public static int ClaimShare(SqliteSession session, string id, int owners)
    {
        int free = (int)(long)session.Scalar($"SELECT COUNT(*) FROM instances WHERE {Orphaned}")!;
        return free == 0
            ? 0
            : session.Execute(
                $"UPDATE instances SET owner = ?1 WHERE id IN (SELECT id FROM instances WHERE {Orphaned} LIMIT ?2)",
                id, (free + owners - 1) / owners);
    }

    public static bool AnyOrphaned(SqliteSession session) =>
        session.Scalar($"SELECT 1 FROM instances WHERE {Orphaned} LIMIT 1") is not null;

    public static bool AnyUnowned(SqliteSession session) =>
        session.Scalar("SELECT 1 FROM instances WHERE owner = '' AND status IN (0, 6, 7) LIMIT 1") is not null;

    private static int Assign(SqliteSession session, string from, IReadOnlyList<string> heirs) => session.Execute(
        """
        UPDATE instances SET owner = coalesce(json_extract(?2, '$[' || ((random() & 0x7fffffff) % max(?3, 1)) || ']'), '')
        WHERE owner = ?1 AND status IN (0, 6, 7)
        """,
        from, SqliteColumns.ToJson(heirs), heirs.Count);
}
