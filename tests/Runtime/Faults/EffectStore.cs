using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>
/// What activities did to the outside, in a SQLite file beside the engine's. The first attempt with a key draws a value, and whoever comes
/// again gets that one: so a result that equals the sum of the values has seen each effect exactly once.
/// </summary>
public sealed class EffectStore
{
    private readonly string _connection;

    public EffectStore(string folder)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "effects.db"), DefaultTimeout = 30 }.ToString();
        Execute("PRAGMA journal_mode = WAL");
        Execute("CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, value INTEGER NOT NULL, process INTEGER NOT NULL)");
        Execute("CREATE TABLE IF NOT EXISTS attempts (key TEXT NOT NULL, process INTEGER NOT NULL)");
        Execute("CREATE INDEX IF NOT EXISTS attempts_by_key ON attempts (key)");
    }

    /// <returns>The how manieth attempt with this key it is.</returns>
    public long Attempt(string key)
    {
        Execute("INSERT INTO attempts VALUES ($key, $process)", ("$key", key), ("$process", Environment.ProcessId));
        return Execute("SELECT COUNT(*) FROM attempts WHERE key = $key", ("$key", key));
    }

    /// <returns>The effect's value, drawn now or before.</returns>
    public long Apply(string key)
    {
        Execute(
            "INSERT INTO effects VALUES ($key, $value, $process) ON CONFLICT DO NOTHING",
            ("$key", key), ("$value", Random.Shared.Next(1, 1000)), ("$process", Environment.ProcessId));
        return Execute("SELECT value FROM effects WHERE key = $key", ("$key", key));
    }

    /// <summary>The effects of an instance and its children.</summary>
    public (long Count, long Sum) Of(string id)
    {
        (string, object)[] range = [("$from", $"{id}/"), ("$to", $"{id}0")];
        return (
            Execute("SELECT COUNT(*) FROM effects WHERE key >= $from AND key < $to", range),
            Execute("SELECT COALESCE(SUM(value), 0) FROM effects WHERE key >= $from AND key < $to", range));
    }

    /// <summary>How many of an instance's effects came from a process.</summary>
    public long OfProcess(int process, string id) => Execute(
        "SELECT COUNT(*) FROM effects WHERE process = $process AND key >= $from AND key < $to",
        ("$process", process), ("$from", $"{id}/"), ("$to", $"{id}0"));

    /// <summary>How many attempts there were beyond the first of each effect.</summary>
    public long CountRepeats() => Execute("SELECT COUNT(*) - COUNT(DISTINCT key) FROM attempts");

    private long Execute(string sql, params ReadOnlySpan<(string Name, object Value)> arguments)
    {
        using SqliteConnection connection = new(_connection);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        // What was written survives the process, which is all that is killed here.
        command.CommandText = "PRAGMA synchronous = OFF";
        command.ExecuteNonQuery();
#pragma warning disable CA2100 // The texts are constants of this class; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in arguments) command.Parameters.AddWithValue(name, value);
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
