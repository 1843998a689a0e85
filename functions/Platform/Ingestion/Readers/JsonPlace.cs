namespace DataPlatform.Ingestion.Readers;

/// <summary>Where in a JSON text a reader is.</summary>
internal enum JsonPlace
{
    /// <summary>Nothing was read.</summary>
    Start,

    /// <summary>Before the text's first bracket.</summary>
    Text,

    /// <summary>Behind the bracket that opens the array.</summary>
    FirstElement,

    /// <summary>Behind a comma.</summary>
    NextElement,

    /// <summary>In an element of the array.</summary>
    Element,

    /// <summary>In an object that is in no array.</summary>
    Object,

    /// <summary>Behind such an object.</summary>
    Objects,

    /// <summary>Behind the array.</summary>
    End,
}
