namespace DataPlatform.Local.Runtime.Durable;

internal static class ActivityTable
{
    /// <param name="owner">The process that runs it at once; null leaves it to whoever comes first.</param>
    /// <returns>The work, when it is claimed with it.</returns>
    public static ActivityWork? Insert(
        SqliteSession session, InstanceRow instance, OrchestratorAction action, string? owner, DateTimeOffset leaseUntil)
    {
        string? token = owner is null ? null : Guid.NewGuid().ToString("N");
        object id = session.Scalar(
            """
            INSERT INTO activities (instance_id, execution_id, task_id, name, version, input, owner, token, lease_until, deliveries)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id
            """,
            instance.Id, instance.ExecutionId, action.TaskId, action.Name, action.Version,
            PayloadTable.Write(session, instance.Id, action.Input), owner, token, token is null ? 0L : leaseUntil.UtcTicks, token is null ? 0 : 1)!;
        return token is null
            ? null
            : new ActivityWork(
                (long)id, instance.Id, instance.ExecutionId, action.TaskId, action.Name!, action.Version, action.Input, token, 1, 0);
    }

    public static bool AnyFree(SqliteSession session, DateTimeOffset now) =>
        session.Scalar("SELECT 1 FROM activities WHERE lease_until <= ?1 LIMIT 1", now.UtcTicks) is not null;

    /// <summary>Leases what nobody holds, the oldest first.</summary>
    public static List<ActivityWork> Claim(SqliteSession session, string owner, DateTimeOffset now, DateTimeOffset leaseUntil, int limit)
    {
        List<ActivityWork> claimed = session.Query(
            """
            UPDATE activities SET owner = ?1, token = lower(hex(randomblob(16))), lease_until = ?2, deliveries = deliveries + 1, begun = 0
            WHERE id IN (SELECT id FROM activities WHERE lease_until <= ?3 ORDER BY lease_until, id LIMIT ?4)
            RETURNING id, instance_id, execution_id, task_id, name, version, input, token, deliveries, deaths
            """,
            Map, owner, leaseUntil.UtcTicks, now.UtcTicks, limit);
        claimed.Sort((a, b) => a.Id.CompareTo(b.Id));
        return claimed;
    }

    /// <summary>Whether a lease of this process has run out, as after a pause of the process or the machine.</summary>
    public static bool AnyExpired(SqliteSession session, string owner, DateTimeOffset now) => session.Scalar(
        "SELECT 1 FROM activities WHERE lease_until > 0 AND lease_until <= ?1 AND owner = ?2 LIMIT 1", now.UtcTicks, owner) is not null;

    /// <summary>Writes down that it runs from now on, so that a death of the process counts.</summary>
    /// <returns>False when the lease was lost.</returns>
    public static bool Begin(SqliteSession session, ActivityWork work) =>
        session.Execute("UPDATE activities SET begun = 1 WHERE id = ?1 AND token = ?2", work.Id, work.Token) == 1;

    /// <returns>False when the lease was lost: another process has it, or the instance is over.</returns>
    public static bool Renew(SqliteSession session, ActivityWork work, DateTimeOffset leaseUntil) => session.Execute(
        "UPDATE activities SET lease_until = ?3 WHERE id = ?1 AND token = ?2", work.Id, work.Token, leaseUntil.UtcTicks) == 1;

    /// <returns>False when the lease was lost: the result must be dropped.</returns>
    public static bool Complete(SqliteSession session, ActivityWork work) =>
        session.Execute("DELETE FROM activities WHERE id = ?1 AND token = ?2", work.Id, work.Token) == 1;

    /// <summary>Gives back what was leased but never begun.</summary>
    public static void GiveBack(SqliteSession session, ActivityWork work) => session.Execute(
        "UPDATE activities SET owner = NULL, token = NULL, lease_until = 0, deliveries = deliveries - 1 WHERE id = ?1 AND token = ?2",
        work.Id, work.Token);

    /// <summary>Gives back what a process holds that leaves in good order.</summary>
    public static int Release(SqliteSession session, string owner) => session.Execute(
        "UPDATE activities SET owner = NULL, token = NULL, lease_until = 0 WHERE owner = ?1", owner);

    /// <summary>
    /// Gives back what a dead process held. From the third death on an activity waits before it is tried again, up to twice as long
    /// each time and by chance, so that one that kills processes meets others less and less often.
    /// </summary>
    public static int ReleaseDead(SqliteSession session, string owner, DateTimeOffset now) => session.Execute(
        $"""
        UPDATE activities SET owner = NULL, token = NULL, begun = 0, deaths = deaths + (deaths < {Backoff.FreeDeaths} OR begun),
            lease_until = CASE WHEN deaths < {Backoff.FreeDeaths} OR NOT begun THEN 0 ELSE ?2 + {Backoff.AfterDeaths} END
        WHERE owner = ?1
        """,
        owner, now.UtcTicks);

    private static ActivityWork Map(SqliteRow row)
    {
        string instance = row.String(1);
        ActivityWork work = new(
            row.Int64(0), instance, row.String(2), row.Int32(3), row.String(4), row.Text(5), null, row.String(7), row.Int32(8), row.Int32(9));
        try
        {
            return work with { Input = row.Payload(6, instance) };
        }
        catch (InvalidDataException missing)
        {
            // Thrown from here it would keep all others from being claimed.
            return work with { Unreadable = missing.Message };
        }
    }
}
