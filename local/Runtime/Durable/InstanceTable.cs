using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

internal static class InstanceTable
{
    private const string Columns =
        "id, execution_id, name, version, status, failure, created_at, updated_at, parent, tags, revision, owner, attempts, deaths, retry_at, problem, "
        + "input, output, custom_status";

    private const string ColumnsWithoutPayloads =
        "id, execution_id, name, version, status, failure, created_at, updated_at, parent, tags, revision, owner, attempts, deaths, retry_at, problem, "
        + "NULL, NULL, NULL";

    public static InstanceRow? Find(SqliteSession session, string id, bool payloads = true) => session.Query(
        payloads ? $"SELECT {Columns} FROM instances WHERE id = ?1" : $"SELECT {ColumnsWithoutPayloads} FROM instances WHERE id = ?1", Map, id)
        .FirstOrDefault();

    public static InstanceHead? Head(SqliteSession session, string id) => session.Query(
        "SELECT execution_id, status, owner, revision FROM instances WHERE id = ?1",
        row => new InstanceHead(row.String(0), (OrchestrationRuntimeStatus)row.Int32(1), row.String(2), row.Int64(3)),
        id).FirstOrDefault();

    public static void Insert(SqliteSession session, InstanceRow row) => session.Execute(
        """
        INSERT INTO instances (id, execution_id, name, version, status, input, created_at, updated_at, parent, tags, revision, owner)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """,
        row.Id, row.ExecutionId, row.Name, row.Version, (int)row.Status, PayloadTable.Write(session, row.Id, row.Input),
        row.CreatedAt.UtcTicks, row.UpdatedAt.UtcTicks, SqliteColumns.ToJson(row.Parent), SqliteColumns.ToJson(row.Tags), row.Revision,
        row.Owner);

    /// <summary>
    /// Writes the state if the row is still as it was read and has the same owner. Counts its revision up and forgives the troubles
    /// it had.
    /// </summary>
    public static bool Update(SqliteSession session, InstanceRow row) => session.Execute(
        """
        UPDATE instances SET status = ?4, output = ?5, custom_status = ?6, failure = ?7, updated_at = ?8,
            revision = revision + 1, attempts = 0, deaths = 0, begun = 0, retry_at = 0, problem = NULL
        WHERE id = ?1 AND revision = ?2 AND owner = ?3
        """,
        row.Id, row.Revision, row.Owner, (int)row.Status, PayloadTable.Write(session, row.Id, row.Output),
        PayloadTable.Write(session, row.Id, row.CustomStatus), SqliteColumns.ToJson(row.Failure), row.UpdatedAt.UtcTicks) == 1;

    /// <summary>The next execution of the same instance.</summary>
    public static void StartOver(SqliteSession session, InstanceRow row) => session.Execute(
        "UPDATE instances SET execution_id = ?2, version = ?3, input = ?4 WHERE id = ?1",
        row.Id, row.ExecutionId, row.Version, PayloadTable.Write(session, row.Id, row.Input));

    /// <summary>Takes an instance that nobody owns.</summary>
    public static bool Claim(SqliteSession session, string id, string owner) =>
        session.Execute("UPDATE instances SET owner = ?2 WHERE id = ?1 AND owner = ''", id, owner) == 1;

    public static void Delete(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM instances WHERE id = ?1", id);
        session.Execute("DELETE FROM history WHERE instance_id = ?1", id);
        PayloadTable.Clear(session, id);
        DeletePendingWork(session, id);
    }

    /// <summary>Messages and activities that can no longer matter.</summary>
    public static void DeletePendingWork(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM inbox WHERE instance_id = ?1", id);
        session.Execute("DELETE FROM activities WHERE instance_id = ?1", id);
    }

    /// <param name="statuses">A JSON array of numbers; null for all.</param>
    public static List<InstanceRow> List(
        SqliteSession session,
        DateTimeOffset? from,
        DateTimeOffset? to,
        string? statuses,
        string? prefix,
        string? after,
        int limit,
        bool payloads = true) =>
        session.Query(
            $"""
            SELECT {(payloads ? Columns : ColumnsWithoutPayloads)} FROM instances
            WHERE id > ?1 AND created_at >= ?2 AND created_at <= ?3
                AND (?4 IS NULL OR status IN (SELECT value FROM json_each(?4)))
                AND (?5 IS NULL OR substr(id, 1, length(?5)) = ?5)
            ORDER BY id LIMIT ?6
            """,
            Map, after ?? string.Empty, from?.UtcTicks ?? 0L, to?.UtcTicks ?? long.MaxValue, statuses, prefix, limit);

    private static InstanceRow Map(SqliteRow row)
    {
        string id = row.String(0);
        return new InstanceRow
        {
            Id = id,
            ExecutionId = row.String(1),
            Name = row.String(2),
            Version = row.Text(3),
            Status = (OrchestrationRuntimeStatus)row.Int32(4),
            Failure = row.Json<TaskFailureDetails>(5),
            CreatedAt = row.Time(6),
            UpdatedAt = row.Time(7),
            Parent = row.Json<ParentLink>(8),
            Tags = row.Json<Dictionary<string, string>>(9),
            Revision = row.Int64(10),
            Owner = row.String(11),
            Trouble = row.Int32(12) + row.Int32(13) > 0 || row.Text(15) is not null
                ? new Trouble(row.Int32(12), row.Int32(13), row.Time(14), row.Text(15))
                : null,
            Input = row.Payload(16, id),
            Output = row.Payload(17, id),
            CustomStatus = row.Payload(18, id),
        };
    }
}
