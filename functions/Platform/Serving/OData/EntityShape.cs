using System.Runtime.CompilerServices;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Serving.OData;

/// <summary>The properties of a version's entities: a key made of what tells rows apart, then the columns that queries know and that callers are meant to see.</summary>
public sealed class EntityShape
{
    /// <summary>The name of the key. One for all sets, and text, since key columns may be null and have any type.</summary>
    public const string KeyName = "_key";

    private static readonly ConditionalWeakTable<IReadOnlyList<TableColumn>, EntityShape> Cache = [];
    private static readonly TableColumn Key = new(KeyName, "string", Nullable: false);

    private readonly ComputeStep _key;

    private EntityShape(PinnedTable table)
    {
        TableColumn[] shown = [.. table.Columns.Where(column => column.Name[0] != '_' && RowModel.TypeOf(column) is not null)];
        var names = table.Table.Key;
        TableColumn[] identity = [.. shown.Where(column => names.Contains(column.Name))];

        // A version older than the definition may lack some of them: then all that is there tells rows apart.
        if (identity.Length < names.Count || identity.Length == 0)
            identity = shown;
        Columns = [Key, .. shown];
        _key = new ComputeStep([new ComputedColumn(Key, new RowKeyExpression(identity))], Columns);
    }

    /// <summary>The same list each time, for the same version.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The shape of a version's entities.</summary>
    public static EntityShape Of(PinnedTable table)
    {
        // A definition may change what tells rows apart without a new version.
        var shape = Cache.GetValue(table.Columns, _ => new EntityShape(table));
        return shape.Fits(table) ? shape : new EntityShape(table);
    }

    /// <summary>Understands a query over the entities.</summary>
    /// <exception cref="Failures.TerminalException">400, 409 <c>MartOutdated</c>, 501.</exception>
    public TableQuery Parse(QueryParser parser, PinnedTable table, QueryText text)
    {
        var query = parser.Parse(Columns, text, table.Table.Mart is { } mart ? new MartMeasures(mart, table.Snapshot.Columns) : null);
        return query with { Apply = [_key, .. query.Apply] };
    }

    private bool Fits(PinnedTable table)
    {
        var known = table.Columns.Where(column => table.Table.Key.Contains(column.Name)).ToList();
        var identity = ((RowKeyExpression)_key.Computed[0].Value).Columns;
        return known.Count == table.Table.Key.Count && known.Count > 0 ? identity.SequenceEqual(known) : identity.Count == Columns.Count - 1;
    }
}
