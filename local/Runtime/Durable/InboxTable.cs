using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

internal static class InboxTable
{
    /// <param name="executionId">Null: for whichever execution runs when it is read.</param>
    /// <param name="owner">The process that will look after it first.</param>
    public static void Insert(
        SqliteSession session, string instanceId, string? executionId, HistoryEvent message, DateTimeOffset dueAt, string owner) =>
        session.Execute(
            """
            INSERT INTO inbox (instance_id, execution_id, due_at, owner, kind, at, task_id, name, payload, failure)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            instanceId, executionId, dueAt.UtcTicks, owner, (int)message.Kind, message.At.UtcTicks, message.TaskId, message.Name,
            message.Payload, SqliteColumns.ToJson(message.Failure));

    /// <summary>What an instance may read now, in order.</summary>
    public static List<InboxMessage> Due(SqliteSession session, string instanceId, DateTimeOffset now) => session.Query(
        """
        SELECT id, execution_id, kind, at, task_id, name, payload, failure FROM inbox
        WHERE instance_id = $1 AND due_at <= $2 ORDER BY due_at, id
        """,
        reader => new InboxMessage(
            reader.GetInt64(0),
            reader.Text(1),
            new HistoryEvent((HistoryEventKind)reader.GetInt32(2), reader.Time(3))
            {
                TaskId = reader.GetInt32(4),
                Name = reader.Text(5),
                Payload = reader.Text(6),
                Failure = reader.Json<TaskFailureDetails>(7),
            }),
        instanceId, now.UtcTicks);

    /// <summary>Instances that can go on: with own messages at once, with those of other processes when they had their chance.</summary>
    public static List<string> DueInstances(SqliteSession session, string owner, DateTimeOffset now, DateTimeOffset othersUntil) =>
        session.Query(
            """
            SELECT DISTINCT inbox.instance_id FROM inbox JOIN instances ON instances.id = inbox.instance_id
            WHERE inbox.due_at <= $1 AND (inbox.owner = $2 OR inbox.due_at <= $3) AND instances.status IN (0, 6) LIMIT 1000
            """,
            reader => reader.GetString(0),
            now.UtcTicks, owner, othersUntil.UtcTicks);

    public static DateTimeOffset? NextDue(SqliteSession session, DateTimeOffset after) =>
        session.Scalar("SELECT MIN(due_at) FROM inbox WHERE due_at > $1", after.UtcTicks) is long ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;

    public static void Delete(SqliteSession session, long id) => session.Execute("DELETE FROM inbox WHERE id = $1", id);

    /// <summary>Timers and results of an execution that is over. Events stay if asked for.</summary>
    public static void EndExecution(SqliteSession session, string instanceId, bool keepEvents) => session.Execute(
        "DELETE FROM inbox WHERE instance_id = $1 AND ($2 = 0 OR execution_id IS NOT NULL)", instanceId, keepEvents ? 1 : 0);
}
