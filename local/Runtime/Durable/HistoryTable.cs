using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

internal static class HistoryTable
{
    public static List<HistoryEvent> Read(SqliteSession session, string instanceId) => session.Query(
        "SELECT kind, at, task_id, name, payload, failure FROM history WHERE instance_id = ?1 ORDER BY sequence",
        row => new HistoryEvent((HistoryEventKind)row.Int32(0), row.Time(1))
        {
            TaskId = row.Int32(2),
            Name = row.Text(3),
            Payload = row.Payload(4, instanceId),
            Failure = row.Json<TaskFailureDetails>(5),
        },
        instanceId);

    public static bool Any(SqliteSession session, string instanceId) =>
        session.Scalar("SELECT 1 FROM history WHERE instance_id = ?1 LIMIT 1", instanceId) is not null;

    public static void Append(SqliteSession session, string instanceId, int sequence, HistoryEvent step) => session.Execute(
        "INSERT INTO history (instance_id, sequence, kind, at, task_id, name, payload, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        instanceId, sequence, (int)step.Kind, step.At.UtcTicks, step.TaskId, step.Name, PayloadTable.Write(session, instanceId, step.Payload),
        SqliteColumns.ToJson(step.Failure));

    public static void Clear(SqliteSession session, string instanceId) =>
        session.Execute("DELETE FROM history WHERE instance_id = ?1", instanceId);
}
