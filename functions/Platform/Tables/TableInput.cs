namespace DataPlatform.Tables;

/// <summary>How far a table's rows follow another table: they hold all that came to it up to <paramref name="Version"/>.</summary>
/// <param name="TableId">Delta's id of the other table.</param>
/// <param name="Version">The table version of the other table; over several ways the least of them. -1: nothing came from it yet.</param>
/// <param name="Read">The version that was read directly; null when it came over other tables only.</param>
public sealed record TableInput(string TableId, long Version, long? Read = null)
{
    /// <summary>What holds for two ways to a table together.</summary>
    internal TableInput And(TableInput other) => TableId == other.TableId
        ? new TableInput(TableId, Math.Min(Version, other.Version), Read is null || other.Read is null ? Read ?? other.Read : Math.Min(Read.Value, other.Read.Value))
        : this with { Version = -1 }; // Two tables of one name, one after the other: of neither can all be there.
}
