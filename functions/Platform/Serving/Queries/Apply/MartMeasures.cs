using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>The measures of a mart whose rows are queried, while they are its own rows: not yet grouped, at most filtered and with columns more.</summary>
/// <param name="stored">All columns of the version's table, the hidden ones too.</param>
public sealed class MartMeasures(MartDefinition mart, IReadOnlyList<TableColumn> stored)
{
    internal IEnumerable<string> Names => mart.Measures.Select(measure => measure.Name);

    /// <summary>The aggregate that gives a measure of coarser groups.</summary>
    /// <returns>Null when no measure has the name.</returns>
    /// <exception cref="TerminalException"><c>NotAdditive</c> (400), <c>MartOutdated</c> (409).</exception>
    internal (TableColumn Column, string Sql)? Find(string name, IReadOnlyList<TableColumn> keys)
    {
        if (mart.Measures.FirstOrDefault(known => known.Name == name) is not { } measure)
            return null;
        var column = stored.FirstOrDefault(known => known.Name == name) ?? throw Outdated(name);

        // One row a group: there is nothing to aggregate.
        if (mart.Dimensions.All(dimension => keys.Any(key => key.Name == dimension.Name)))
            return (column, $"any_value(\"{name}\")");

        var sql = MeasureStorage.Aggregate(mart, name);
        return Parts(measure).All(part => stored.Any(known => known.Name == part)) ? (column, sql) : throw Outdated(name);
    }

    /// <summary>A sum of averages is no average, and one of distinct counts no distinct count.</summary>
    /// <exception cref="TerminalException"><c>NotAdditive</c>.</exception>
    internal void Check(string name, Aggregation aggregation)
    {
        var measure = mart.Measures.FirstOrDefault(known => known.Name == name);
        var wrong = (aggregation, measure?.Type) switch
        {
            (Aggregation.Sum, MeasureType.Avg or MeasureType.Ratio or MeasureType.Quantile or MeasureType.CountDistinct or MeasureType.ApproxCountDistinct) => true,
            (Aggregation.Average, MeasureType.Avg or MeasureType.Ratio or MeasureType.Quantile) => true,
            _ => false,
        };
        if (!wrong)
            return;

        var word = aggregation.ToString().ToLowerInvariant();
        throw new TerminalException(
            FailureKind.Invalid,
            MeasureStorage.NotAdditiveCode,
            $"The {word} of '{name}' ({EnumNames.Of(measure!.Type)}) over rows of the mart '{mart.Name}' says nothing of the rows behind them. "
                + (MeasureStorage.IsAdditive(mart, name)
                    ? $"Take the measure by its name: aggregate({name})."
                    : $"Make a mart of the dimensions you need: {(measure.Type is MeasureType.CountDistinct ? "or define it as approx_count_distinct, " : "")}it can't be computed from finer groups."),
            name);
    }

    private IEnumerable<string> Parts(MeasureDefinition measure) => measure.Type is MeasureType.Ratio
        ? mart.Measures.Where(known => known.Name == measure.Numerator || known.Name == measure.Denominator).SelectMany(known => Parts(known).Prepend(known.Name))
        : MeasureStorage.HiddenColumns(measure);

    private TerminalException Outdated(string name) => new(
        FailureKind.Conflict,
        "MartOutdated",
        $"This version of the mart '{mart.Name}' does not hold what the measure '{name}' is computed from: it is older than the definition or the release that stores it. "
            + $"Refresh it: POST /api/v1/marts/{mart.Name}/refreshes.",
        name);
}
