using System.Collections.Concurrent;

namespace DataPlatform.Sql;

/// <summary>
/// The columns of queries that were described before. They follow from a query's text and the columns of what it reads, and a step asks for the same
/// again in each of its runs.
/// </summary>
internal sealed class DescribedQueries
{
    private const int MostQueries = 1000;
    private const int LongestText = 64 * 1024;

    private readonly ConcurrentDictionary<(string Shape, string Select), IReadOnlyList<(string Name, string Type)>> _known = new();

    /// <param name="shape">The names that the query may use, with their columns and types.</param>
    /// <param name="describe">Asks the engine.</param>
    public async Task<IReadOnlyList<(string Name, string Type)>> GetAsync(string shape, string select, Func<Task<IReadOnlyList<(string Name, string Type)>>> describe)
    {
        if (_known.TryGetValue((shape, select), out var columns))
            return columns;
        columns = await describe();
        if (shape.Length + select.Length > LongestText)
            return columns;
        // Nearly nobody has so many; who has finds the ones in use again soon.
        if (_known.Count >= MostQueries)
            _known.Clear();
        _known[(shape, select)] = columns;
        return columns;
    }
}
