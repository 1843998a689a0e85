using System.Text.Json;
using DataPlatform.Ingestion.Values;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// A top-level column of a Parquet file, read in slices: a slice's values are copied out of the reader's pages, put into a field's buffer,
/// and shown as JSON for rows that go to quarantine.
/// </summary>
internal abstract class ParquetColumn(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>The leaf columns of the file that it is made of.</summary>
    public abstract IReadOnlyList<int> Leaves { get; }

    /// <summary>The column that an evolving table would get.</summary>
    public abstract StoredColumn Stored { get; }

    /// <summary>Why its values cannot be read, or cannot be in a field; null when they can.</summary>
    /// <param name="slot">Null: in no field, only shown.</param>
    public abstract string? Misfit(ColumnSlot? slot);

    public abstract void Open(RowGroupReader group);

    /// <summary>Copies the next rows of the row group.</summary>
    /// <returns>Their bytes.</returns>
    public abstract long ReadSlice(int rows);

    /// <summary>Puts the slice's values into a field.</summary>
    /// <param name="broken">Gets what is wrong, by row of the slice.</param>
    public abstract void Put(ColumnSlot slot, Dictionary<int, List<RowError>> broken);

    /// <summary>Puts one row's value into a field; rows must come in order.</summary>
    public abstract void PutRow(RowCollector rows, ColumnSlot slot, int row);

    /// <summary>Writes one row's value, protected where the contract says so.</summary>
    public abstract void Redact(RowRedaction redaction, ColumnSlot slot, int row);

    /// <summary>Writes a row's value.</summary>
    /// <returns>False when it is not written whole.</returns>
    public abstract bool WriteJson(Utf8JsonWriter writer, int row);

    public abstract void Dispose();

    protected static void Add(Dictionary<int, List<RowError>> broken, int row, RowError error)
    {
        if (!broken.TryGetValue(row, out var errors))
            broken.Add(row, errors = []);
        errors.Add(error);
    }
}
