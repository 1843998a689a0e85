using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <content>Rows that come as events.</content>
internal sealed partial class RowCollector
{
    /// <summary>Makes the column that says which event a row came as.</summary>
    /// <returns>Null where rows are only looked at.</returns>
    public ColumnSlot? AddEvents()
    {
        if (Sampler is not null)
            return null;
        var field = new FieldDefinition { Name = StoredColumn.Event.Name, Type = StoredColumn.Event.Type, Source = StoredColumn.EventInput };
        var slot = new ColumnSlot(field, StoredColumn.Event, new EvolvedTextParser(), required: false);
        AddSlot(slot);
        return slot;
    }

    /// <summary>Makes the columns that say where in a stream a row was.</summary>
    public (ColumnSlot Partition, ColumnSlot Sequence, ColumnSlot EnqueuedAt) AddStream() =>
        (AddOwn(StoredColumn.Partition), AddOwn(StoredColumn.Sequence), AddOwn(StoredColumn.EnqueuedAt));

    private ColumnSlot AddOwn(StoredColumn column)
    {
        var field = new FieldDefinition { Name = column.Name, Type = column.Type, Source = "\0" + column.Name };
        var slot = new ColumnSlot(field, column, ValueParser.Create(field, column, TimeZoneInfo.Utc), required: false);
        AddSlot(slot);
        return slot;
    }
}
