using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Ingestion.Readers;

/// <summary>The top-level columns of a Parquet file.</summary>
internal static class ParquetColumns
{
    public static IEnumerable<ParquetColumn> Of(SchemaDescriptor schema, IngestionLimits limits)
    {
        var next = 0;
        foreach (var field in schema.GroupNode.Fields)
        {
            if (field is PrimitiveNode && field.Repetition != Repetition.Repeated)
            {
                yield return new FlatParquetColumn(field.Name, next, new ParquetValues(schema.Column(next++), limits.MaxRowBytes));
                continue;
            }

            var name = field.Name;
            var node = ParquetNode.Of(field, 0, 0, () => new ParquetLeaf(name, next, new ParquetValues(schema.Column(next++), limits.MaxRowBytes), limits));
            if (node.Leaves.Count > 0)
                yield return new NestedParquetColumn(name, node);
        }
    }
}
