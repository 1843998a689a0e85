using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Sql;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving.TableReading;

/// <summary>Rows as Parquet files, which cannot be sent before they are whole.</summary>
public sealed class TableExports(TableReads reads, ScratchFolder scratch, IOptions<PlatformOptions> options)
{
    /// <summary>Writes all rows of a query to a local file, which goes when the stream is closed.</summary>
    /// <exception cref="Failures.TerminalException">As <see cref="TableReads.OpenAsync(PinnedTable, TableQuery, ReadOptions, CancellationToken)"/>, and <c>ExportTooLarge</c>.</exception>
    public async Task<(FileStream File, long? Count)> ParquetAsync(PinnedTable table, TableQuery query, RowFilter? filter, CancellationToken cancellationToken)
    {
        // In a folder of its own, for what it takes is watched.
        var folder = scratch.NewName("export", "");
        Directory.CreateDirectory(folder);
        try
        {
            var path = Path.Combine(folder, "rows.parquet");
            var count = await reads.CopyAsync(table, query, filter, folder, path, new TemporaryDisk(options.Value.ActivityTemporaryBytes), cancellationToken);
            var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });

            // The open file stays readable.
            Directory.Delete(folder, recursive: true);
            return (file, count);
        }
        catch (TerminalException exception) when (exception.Code == "TemporaryDiskExceeded")
        {
            Directory.Delete(folder, recursive: true);
            throw new TerminalException(
                FailureKind.Unprocessable,
                "ExportTooLarge",
                $"As one Parquet file the rows need more than {options.Value.ActivityTemporaryBytes >> 20} MiB of local disk: ask for fewer rows or columns, or take arrow or csv, which are streamed.",
                "format",
                innerException: exception);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}
