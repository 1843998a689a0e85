using ParquetSharp;
using ParquetSharp.IO;

namespace DataPlatform.Ingestion;

/// <summary>Parquet bodies made by tests.</summary>
internal static class ParquetFiles
{
    /// <summary>One row group of text columns.</summary>
    public static byte[] Texts(params IReadOnlyList<(string Name, string?[] Values)> columns)
    {
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        using (var file = new ParquetFileWriter(output, [.. columns.Select(column => new Column<string>(column.Name))]))
        {
            using (var group = file.AppendRowGroup())
            {
                foreach (var (_, values) in columns)
                {
                    using var writer = group.NextColumn().LogicalWriter<string?>();
                    writer.WriteBatch(values);
                }
            }

            file.Close();
        }

        return stream.ToArray();
    }
}
