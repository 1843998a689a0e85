namespace DataPlatform.Ingestion.Readers;

/// <summary>What a JSON text must be as a whole.</summary>
internal enum JsonShape
{
    /// <summary>An array of objects, or objects one after the other.</summary>
    Any,

    /// <summary>One object.</summary>
    Object,

    /// <summary>An array of objects.</summary>
    Array,
}
