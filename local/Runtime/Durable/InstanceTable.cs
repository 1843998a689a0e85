using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

internal static class InstanceTable
{
    private const string Columns =
        "id, execution_id, name, version, status, input, output, custom_status, failure, created_at, updated_at, parent, tags, revision";

    public static InstanceRow? Find(SqliteSession session, string id) =>
        session.Query($"SELECT {Columns} FROM instances WHERE id = $1", Map, id).FirstOrDefault();

    public static void Insert(SqliteSession session, InstanceRow row) => session.Execute(
        $"INSERT INTO instances ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        row.Id, row.ExecutionId, row.Name, row.Version, (int)row.Status, row.Input, row.Output, row.CustomStatus,
        SqliteColumns.ToJson(row.Failure), row.CreatedAt.UtcTicks, row.UpdatedAt.UtcTicks, SqliteColumns.ToJson(row.Parent),
        SqliteColumns.ToJson(row.Tags), row.Revision);

    /// <summary>Writes the row if it is still as it was read, and counts its revision up.</summary>
    public static bool Update(SqliteSession session, InstanceRow row) => session.Execute(
        """
        UPDATE instances SET execution_id = $3, version = $4, status = $5, input = $6, output = $7, custom_status = $8, failure = $9,
            updated_at = $10, revision = revision + 1 WHERE id = $1 AND revision = $2
        """,
        row.Id, row.Revision, row.ExecutionId, row.Version, (int)row.Status, row.Input, row.Output, row.CustomStatus,
        SqliteColumns.ToJson(row.Failure), row.UpdatedAt.UtcTicks) == 1;

    public static void Delete(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM instances WHERE id = $1", id);
        session.Execute("DELETE FROM history WHERE instance_id = $1", id);
        DeletePendingWork(session, id);
    }

    /// <summary>Messages and activities that can no longer matter.</summary>
    public static void DeletePendingWork(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM inbox WHERE instance_id = $1", id);
        session.Execute("DELETE FROM activities WHERE instance_id = $1", id);
    }

    /// <param name="statuses">A JSON array of numbers; null for all.</param>
    public static List<InstanceRow> List(
        SqliteSession session, DateTimeOffset? from, DateTimeOffset? to, string? statuses, string? prefix, string? after, int limit) =>
        session.Query(
            $"""
            SELECT {Columns} FROM instances
            WHERE id > $1 AND created_at >= $2 AND created_at <= $3
                AND ($4 IS NULL OR status IN (SELECT value FROM json_each($4)))
                AND ($5 IS NULL OR substr(id, 1, length($5)) = $5)
            ORDER BY id LIMIT $6
            """,
            Map, after ?? string.Empty, from?.UtcTicks ?? 0L, to?.UtcTicks ?? long.MaxValue, statuses, prefix, limit);

    private static InstanceRow Map(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(0),
        ExecutionId = reader.GetString(1),
        Name = reader.GetString(2),
        Version = reader.Text(3),
        Status = (OrchestrationRuntimeStatus)reader.GetInt32(4),
        Input = reader.Text(5),
        Output = reader.Text(6),
        CustomStatus = reader.Text(7),
        Failure = reader.Json<TaskFailureDetails>(8),
        CreatedAt = reader.Time(9),
        UpdatedAt = reader.Time(10),
        Parent = reader.Json<ParentLink>(11),
        Tags = reader.Json<Dictionary<string, string>>(12),
        Revision = reader.GetInt64(13),
    };
}
