using System.Collections.Immutable;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>What one commit left of a table.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Rows">All rows of the table.</param>
/// <param name="Inserted">The rows that it brought.</param>
/// <param name="Removes">Whether it took rows away or wrote them anew.</param>
/// <param name="Positions">How far the steps that write the table have read: by step and source.</param>
public sealed record ModelVersion(
    DateTimeOffset At,
    ImmutableList<ModelRow> Rows,
    ImmutableList<ModelRow> Inserted,
    bool Removes,
    ImmutableDictionary<(string Step, string Source), ModelPosition> Positions);
