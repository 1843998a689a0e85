using System.Runtime.CompilerServices;
using DataPlatform.Tables;
using Microsoft.OData.Edm;

namespace DataPlatform.Serving.Queries;

/// <summary>A table's columns as the entity type that OData's parser works on.</summary>
internal sealed class RowModel
{
    private static readonly ConditionalWeakTable<IReadOnlyList<TableColumn>, RowModel> Cache = [];

    private readonly Dictionary<string, TableColumn> _columns = new(StringComparer.Ordinal);

    private RowModel(IReadOnlyList<TableColumn> columns)
    {
        var type = new EdmEntityType("DataPlatform", "Row");
        foreach (var column in columns)
        {
            _columns.Add(column.Name, column);
            if (TypeOf(column) is { } reference)
                type.AddStructuralProperty(column.Name, reference);
        }

        Model.AddElement(type);
        var container = new EdmEntityContainer("DataPlatform", "Tables");
        Rows = container.AddEntitySet("rows", type);
        Model.AddElement(container);
        Type = type;
    }

    public EdmModel Model { get; } = new();

    public IEdmEntityType Type { get; }

    public IEdmEntitySet Rows { get; }

    public IReadOnlyDictionary<string, TableColumn> Columns => _columns;

    /// <summary>The model of a list of columns; one list instance, as a snapshot has it, is modelled once.</summary>
    public static RowModel Of(IReadOnlyList<TableColumn> columns) => Cache.GetValue(columns, static list => new RowModel(list));

    /// <summary>The type by which queries know a column; null when they do not.</summary>
    public static IEdmTypeReference? TypeOf(TableColumn column)
    {
        var core = EdmCoreModel.Instance;
        var nullable = column.Nullable;
        return column.Type switch
        {
            "boolean" => core.GetBoolean(nullable),
            "byte" => core.GetSByte(nullable),
            "short" => core.GetInt16(nullable),
            "integer" => core.GetInt32(nullable),
            "long" => core.GetInt64(nullable),
            "float" => core.GetSingle(nullable),
            "double" => core.GetDouble(nullable),
            "string" => core.GetString(nullable),
            "date" => core.GetDate(nullable),
            "timestamp" => core.GetTemporal(EdmPrimitiveTypeKind.DateTimeOffset, 6, nullable),
            "binary" => core.GetBinary(nullable),
            var type when type.StartsWith("decimal(", StringComparison.Ordinal) && ValueKinds.DecimalFacets(column) is var (precision, scale)
                => core.GetDecimal(precision, scale, nullable),
            _ => null, // Nested columns of tables written by others: not queryable, the rest of the table is.
        };
    }
}
