using System.Globalization;
using System.Text;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Numbers of rows, kept as ranges: <c>1-5,9,12-20</c>.</summary>
internal sealed class RowSet
{
    private readonly List<(long From, long To)> _ranges = [];

    public long Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <exception cref="FormatException">The text is no list of ascending ranges.</exception>
    public static RowSet Parse(string text)
    {
        var set = new RowSet();
        foreach (var part in text.AsSpan().Split(','))
        {
            var range = text.AsSpan()[part];
            var dash = range.IndexOf('-');
            var from = Read(dash < 0 ? range : range[..dash]);
            var to = dash < 0 ? from : Read(range[(dash + 1)..]);
            if (to < from || (set._ranges.Count > 0 && from <= set._ranges[^1].To))
                throw new FormatException($"The rows '{range}' are not in order.");
            set._ranges.Add((from, to));
            set.Count += to - from + 1;
        }

        return set;
    }

    /// <param name="row">Larger than all that are there.</param>
    public void Add(long row)
    {
        if (_ranges.Count > 0 && row <= _ranges[^1].To)
            throw new ArgumentOutOfRangeException(nameof(row), "Rows are added in their order.");
        if (_ranges.Count > 0 && row == _ranges[^1].To + 1)
            _ranges[^1] = (_ranges[^1].From, row);
        else
            _ranges.Add((row, row));
        Count++;
    }

    public bool Contains(long row)
    {
        var (low, high) = (0, _ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (row < _ranges[middle].From)
                high = middle - 1;
            else if (row > _ranges[middle].To)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (from, to) in _ranges)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{from}");
            if (to > from)
                text.Append(CultureInfo.InvariantCulture, $"-{to}");
        }

        return text.ToString();
    }

    private static long Read(ReadOnlySpan<char> number) => long.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
}
