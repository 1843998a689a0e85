using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

internal static class InboxTable
{
    /// <param name="executionId">Null: for whichever execution runs when it is read.</param>
    public static void Insert(SqliteSession session, string instanceId, string? executionId, HistoryEvent message, DateTimeOffset dueAt) =>
        session.Execute(
            """
            INSERT INTO inbox (instance_id, execution_id, due_at, kind, at, task_id, name, payload, failure)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """,
            instanceId, executionId, dueAt.UtcTicks, (int)message.Kind, message.At.UtcTicks, message.TaskId, message.Name,
            PayloadTable.Write(session, instanceId, message.Payload), SqliteColumns.ToJson(message.Failure));

    /// <summary>A turn reads no more at once.</summary>
    public const int MostAtOnce = 2000;

    /// <summary>What an instance may read now, in order, its start before all else.</summary>
    public static List<InboxMessage> Due(SqliteSession session, string instanceId, DateTimeOffset now) => session.Query(
        """
        SELECT id, execution_id, kind, at, task_id, name, payload, failure FROM inbox
        WHERE instance_id = ?1 AND due_at <= ?2 ORDER BY kind <> 1, due_at, id LIMIT ?3
        """,
        row => new InboxMessage(
            row.Int64(0),
            row.Text(1),
            new HistoryEvent((HistoryEventKind)row.Int32(2), row.Time(3))
            {
                TaskId = row.Int32(4),
                Name = row.Text(5),
                Payload = row.Payload(6, instanceId),
                Failure = row.Json<TaskFailureDetails>(7),
            }),
        instanceId, now.UtcTicks, MostAtOnce);

    /// <summary>Instances of an owner that can go on.</summary>
    /// <param name="seen">Messages up to this id, due up to <paramref name="seenDue"/>, were found before.</param>
    public static List<string> DueInstances(SqliteSession session, string owner, DateTimeOffset now, long seen, DateTimeOffset seenDue) =>
        session.Query(
            """
            SELECT DISTINCT inbox.instance_id FROM inbox JOIN instances ON instances.id = inbox.instance_id
            WHERE inbox.due_at <= ?1 AND (inbox.id > ?3 OR inbox.due_at > ?4)
                AND instances.owner = ?2 AND instances.status IN (0, 6) AND instances.retry_at <= ?1
            LIMIT 100000
            """,
            row => row.String(0),
            now.UtcTicks, owner, seen, seenDue.UtcTicks);

    public static long LastId(SqliteSession session) =>
        session.Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'") is long id ? id : 0;

    public static DateTimeOffset? NextDue(SqliteSession session, DateTimeOffset after) =>
        session.Scalar("SELECT MIN(due_at) FROM inbox WHERE due_at > ?1", after.UtcTicks) is long ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;

    public static void Delete(SqliteSession session, long id) => session.Execute("DELETE FROM inbox WHERE id = ?1", id);

    /// <summary>Timers and results of an execution that is over. Events stay: they are for whichever execution reads them.</summary>
    public static void EndExecution(SqliteSession session, string instanceId) =>
        session.Execute("DELETE FROM inbox WHERE instance_id = ?1 AND execution_id IS NOT NULL", instanceId);
}
