namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The columns of an instance that say why it does not go on.</summary>
internal static class TroubleTable
{
    /// <summary>Counts a turn that failed in the engine, and holds the next back.</summary>
    /// <returns>How many failed in a row.</returns>
    public static int Count(SqliteSession session, string id, DateTimeOffset now, string problem)
    {
        int attempts = 1 + (int)(session.Scalar("SELECT attempts FROM instances WHERE id = ?1", id) as long? ?? 0);
        session.Execute(
            "UPDATE instances SET attempts = ?2, retry_at = ?3, problem = ?4 WHERE id = ?1",
            id, attempts, (now + Backoff.AfterFailure(attempts)).UtcTicks, problem);
        return attempts;
    }

    /// <summary>Writes down that a turn begins, so that a death of the process counts.</summary>
    public static void Begin(SqliteSession session, string id, string owner) =>
        session.Execute("UPDATE instances SET begun = 1 WHERE id = ?1 AND owner = ?2", id, owner);

    public static void Note(SqliteSession session, string id, string problem) =>
        session.Execute("UPDATE instances SET problem = ?2 WHERE id = ?1", id, problem);

    /// <summary>The live instances in trouble, the worst first.</summary>
    public static List<InstanceRow> List(SqliteSession session, int limit) => session.Query(
        "SELECT id FROM instances WHERE status IN (0, 6, 7) AND problem IS NOT NULL ORDER BY attempts + deaths DESC, id LIMIT ?1",
        row => row.String(0),
        limit).ConvertAll(id => InstanceTable.Find(session, id, payloads: false)!);
}
