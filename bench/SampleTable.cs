using System.Globalization;
using System.Text.Json;
using DataPlatform.Lake;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Bench;

/// <summary>A table whose log is measured: five columns, each file with all statistics. The files themselves are never read, and not there.</summary>
internal static class SampleTable
{
    /// <summary>About what a commit of <see cref="Append"/> takes in the log.</summary>
    public const int CommitBytes = 900;

    /// <summary>Size of each file, as the log has it.</summary>
    public const long FileBytes = 150_000;

    private static readonly IReadOnlyList<TableColumn> Columns =
        [new("id", "long"), new("date", "timestamp"), new("delay", "integer"), new("origin", "string"), new("destination", "string")];

    /// <summary>Tables in a folder, as a process that starts knows them: not at all.</summary>
    public static DeltaTables Open(string folder) =>
        new(new FolderObjectStore(folder, NullLogger<FolderObjectStore>.Instance), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Appends one file.</summary>
    public static TableChange Append(int number)
    {
        var first = (long)number * 10_000;
        var at = DateTimeOffset.UnixEpoch.AddMinutes(number);
        return new TableChange
        {
            Operation = "WRITE",
            Columns = Columns,
            Add =
            [
                new DataFile(
                    DataFiles.NewName($"{number:D8}-{Guid.NewGuid():N}", 0),
                    FileBytes,
                    DataFile.NoPartition,
                    at.ToUnixTimeMilliseconds(),
                    new FileStatistics(
                        10_000,
                        Values(first, at, -20, "ABE", "ABQ"),
                        Values(first + 9_999, at.AddMinutes(1), 400, "YUM", "XNA"),
                        Columns.ToDictionary(column => column.Name, _ => 0L))),
            ],
        };
    }

    private static Dictionary<string, JsonElement> Values(long id, DateTimeOffset date, int delay, string origin, string destination) => new()
    {
        ["id"] = JsonSerializer.SerializeToElement(id),
        ["date"] = JsonSerializer.SerializeToElement(date.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ["delay"] = JsonSerializer.SerializeToElement(delay),
        ["origin"] = JsonSerializer.SerializeToElement(origin),
        ["destination"] = JsonSerializer.SerializeToElement(destination),
    };
}
