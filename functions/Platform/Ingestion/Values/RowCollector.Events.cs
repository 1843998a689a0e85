using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Values;

/// <content>Rows that come as CloudEvents.</content>
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
}
