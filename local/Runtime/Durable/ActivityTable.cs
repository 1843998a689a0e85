using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Durable;

internal static class ActivityTable
{
    public static void Insert(SqliteSession session, InstanceRow instance, OrchestratorAction action) => session.Execute(
        "INSERT INTO activities (instance_id, execution_id, task_id, name, version, input) VALUES ($1, $2, $3, $4, $5, $6)",
        instance.Id, instance.ExecutionId, action.TaskId, action.Name, action.Version, action.Input);

    public static bool AnyFree(SqliteSession session, DateTimeOffset now) =>
        session.Scalar("SELECT 1 FROM activities WHERE lease_until <= $1 LIMIT 1", now.UtcTicks) is not null;

    /// <summary>Leases what nobody holds, the oldest first.</summary>
    public static List<ActivityWork> Claim(SqliteSession session, string owner, DateTimeOffset now, DateTimeOffset leaseUntil, int limit)
    {
        List<ActivityWork> claimed = session.Query(
            """
            UPDATE activities SET owner = $1, token = hex(randomblob(16)), lease_until = $2, deliveries = deliveries + 1
            WHERE id IN (SELECT id FROM activities WHERE lease_until <= $3 ORDER BY lease_until, id LIMIT $4)
            RETURNING id, instance_id, execution_id, task_id, name, version, input, token, deliveries
            """,
            Map, owner, leaseUntil.UtcTicks, now.UtcTicks, limit);
        claimed.Sort((a, b) => a.Id.CompareTo(b.Id));
        return claimed;
    }

    /// <returns>False when the lease was lost: another process has it, or the instance is over.</returns>
    public static bool Renew(SqliteSession session, ActivityWork work, DateTimeOffset leaseUntil) => session.Execute(
        "UPDATE activities SET lease_until = $3 WHERE id = $1 AND token = $2", work.Id, work.Token, leaseUntil.UtcTicks) == 1;

    /// <returns>False when the lease was lost: the result must be dropped.</returns>
    public static bool Complete(SqliteSession session, ActivityWork work) =>
        session.Execute("DELETE FROM activities WHERE id = $1 AND token = $2", work.Id, work.Token) == 1;

    /// <summary>Gives back what a process holds.</summary>
    public static int Release(SqliteSession session, string owner) => session.Execute(
        "UPDATE activities SET owner = NULL, token = NULL, lease_until = 0 WHERE owner = $1", owner);

    private static ActivityWork Map(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4), reader.Text(5),
        reader.Text(6), reader.GetString(7), reader.GetInt32(8));
}
