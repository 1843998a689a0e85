using System.Collections.Immutable;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>What one commit left of a table.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Rows">All rows of the table.</param>
/// <param name="Inserted">The rows that it brought.</param>
/// <param name="Removal">Whether it took rows away, as the table's followers see it.</param>
/// <param name="Positions">How far the steps that write the table have read: by step and source.</param>
public sealed record ModelVersion(
    DateTimeOffset At,
    ImmutableList<ModelRow> Rows,
    ImmutableList<ModelRow> Inserted,
    ModelRemoval Removal,
    ImmutableDictionary<(string Step, string Source), ModelPosition> Positions);
