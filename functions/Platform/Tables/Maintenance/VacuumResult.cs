namespace DataPlatform.Tables.Maintenance;

/// <summary>What a vacuum deleted, or would delete.</summary>
/// <param name="OldestVersion">The oldest table version all of whose files are kept.</param>
/// <param name="HeldBy">Who needs that version, when it is older than the retention asks for; else null.</param>
/// <param name="Bytes">Of the files.</param>
/// <param name="Listed">The first of them, relative to the table.</param>
public sealed record VacuumResult(long OldestVersion, string? HeldBy, long Files, long Bytes, IReadOnlyList<string> Listed);
