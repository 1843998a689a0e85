using System.Collections.Immutable;

namespace DataPlatform.Sql.Lineage;

/// <summary>Which columns of tables something comes from, and how.</summary>
/// <param name="Sources">Every column that has any influence, unless <paramref name="Unknown"/>.</param>
/// <param name="Unknown">Why there may be others; null when these are all.</param>
public sealed record Flow(ImmutableSortedDictionary<SourceColumn, Influences> Sources, string? Unknown)
{
    private const Influences Direct = Influences.Identity | Influences.Transformation | Influences.Aggregation;

    private static readonly Influences[] Computed = [Influences.Transformation, Influences.Aggregation];

    private static readonly Influences[] Deciding =
        [Influences.Join, Influences.Filter, Influences.GroupBy, Influences.Sort, Influences.Window, Influences.Conditional];

    /// <summary>Of constants.</summary>
    public static Flow None { get; } = new(ImmutableSortedDictionary.Create<SourceColumn, Influences>(SourceColumn.Order), Unknown: null);

    public static Flow Of(string table, string column) => None with { Sources = None.Sources.Add(new SourceColumn(table, column), Influences.Identity) };

    public static Flow NotKnown(string reason) => None with { Unknown = reason };

    public Flow And(Flow other)
    {
        if (ReferenceEquals(other, None) || ReferenceEquals(this, other))
            return this;
        if (ReferenceEquals(this, None))
            return other;
        var sources = Sources.ToBuilder();
        foreach (var (column, how) in other.Sources)
            sources[column] = sources.GetValueOrDefault(column) | how;
        return new Flow(sources.ToImmutable(), Unknown ?? other.Unknown);
    }

    /// <summary>What is computed from it.</summary>
    /// <param name="how"><see cref="Influences.Transformation"/>, or <see cref="Influences.Aggregation"/>, which an aggregate remains whatever is done with
    /// it.</param>
    public Flow Through(Influences how) => Change(known =>
        (known & ~Direct)
        | ((known & Direct) == Influences.None ? Influences.None : how == Influences.Aggregation ? how : known & Influences.Aggregation)
        | (how == Influences.Transformation && (known & (Influences.Identity | Influences.Transformation)) != Influences.None ? how : Influences.None));

    /// <summary>What is decided by it, in one indirect way.</summary>
    public Flow As(Influences how) => Change(_ => how);

    /// <summary>What has these influences on something, if this is what it comes from itself.</summary>
    public Flow Behind(Influences influences)
    {
        var flow = influences.HasFlag(Influences.Identity) ? this : None;
        foreach (var how in Computed)
        {
            if (influences.HasFlag(how))
                flow = flow.And(Through(how));
        }

        foreach (var how in Deciding)
        {
            if (influences.HasFlag(how))
                flow = flow.And(As(how));
        }

        return flow;
    }

    public bool SameAs(Flow other) => Unknown == other.Unknown && Sources.Count == other.Sources.Count
        && Sources.All(source => other.Sources.GetValueOrDefault(source.Key) == source.Value);

    private Flow Change(Func<Influences, Influences> change)
    {
        if (Sources.IsEmpty)
            return this;
        var sources = Sources.ToBuilder();
        foreach (var (column, known) in Sources)
            sources[column] = change(known);
        return this with { Sources = sources.ToImmutable() };
    }
}
