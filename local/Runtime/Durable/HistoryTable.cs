using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

internal static class HistoryTable
{
    public static List<HistoryEvent> Read(SqliteSession session, string instanceId) => session.Query(
        "SELECT kind, at, task_id, name, payload, failure FROM history WHERE instance_id = $1 ORDER BY sequence",
        reader => new HistoryEvent((HistoryEventKind)reader.GetInt32(0), reader.Time(1))
        {
            TaskId = reader.GetInt32(2),
            Name = reader.Text(3),
            Payload = reader.Text(4),
            Failure = reader.Json<TaskFailureDetails>(5),
        },
        instanceId);

    public static bool Any(SqliteSession session, string instanceId) =>
        session.Scalar("SELECT 1 FROM history WHERE instance_id = $1 LIMIT 1", instanceId) is not null;

    public static void Append(SqliteSession session, string instanceId, int sequence, HistoryEvent step) => session.Execute(
        "INSERT INTO history (instance_id, sequence, kind, at, task_id, name, payload, failure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        instanceId, sequence, (int)step.Kind, step.At.UtcTicks, step.TaskId, step.Name, step.Payload, SqliteColumns.ToJson(step.Failure));

    public static void Clear(SqliteSession session, string instanceId) =>
        session.Execute("DELETE FROM history WHERE instance_id = $1", instanceId);
}
