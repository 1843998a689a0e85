using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Large inputs, results and events. Their columns hold the SHA-256 instead, as bytes, so that instances and history stay small to
/// list and to rewrite, and an event that moves from the inbox to the history is not copied.
/// </summary>
internal static class PayloadTable
{
    /// <summary>Longer texts are spilled.</summary>
    public const int InlineChars = 16 * 1024;

    /// <returns>What goes into the column.</returns>
    public static object? Write(SqliteSession session, string instanceId, string? payload)
    {
        if (payload is null || payload.Length <= InlineChars) return payload;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(payload));
        session.Execute("INSERT OR IGNORE INTO payloads (instance_id, hash, data) VALUES (?1, ?2, ?3)", instanceId, hash, payload);
        return hash;
    }

    /// <exception cref="InvalidDataException">It is not there.</exception>
    public static string Read(SqliteSession session, string instanceId, byte[] hash) =>
        (string?)session.Scalar("SELECT data FROM payloads WHERE instance_id = ?1 AND hash = ?2", instanceId, hash)
        ?? throw new InvalidDataException($"A payload of instance '{instanceId}' is missing in the durable store ({Convert.ToHexStringLower(hash)}).");

    public static void Clear(SqliteSession session, string instanceId) =>
        session.Execute("DELETE FROM payloads WHERE instance_id = ?1", instanceId);

    /// <summary>Drops what nothing refers to once an execution is over.</summary>
    public static void EndExecution(SqliteSession session, string instanceId) => session.Execute(
        """
        DELETE FROM payloads WHERE instance_id = ?1
            AND hash NOT IN (SELECT payload FROM inbox WHERE instance_id = ?1 AND typeof(payload) = 'blob')
            AND hash NOT IN (SELECT payload FROM history WHERE instance_id = ?1 AND typeof(payload) = 'blob')
            AND hash NOT IN (SELECT input FROM instances WHERE id = ?1 AND typeof(input) = 'blob'
                UNION ALL SELECT output FROM instances WHERE id = ?1 AND typeof(output) = 'blob'
                UNION ALL SELECT custom_status FROM instances WHERE id = ?1 AND typeof(custom_status) = 'blob')
        """,
        instanceId);
}
