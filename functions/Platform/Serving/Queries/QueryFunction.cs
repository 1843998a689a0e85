namespace DataPlatform.Serving.Queries;

/// <summary>The functions a query may call, by OData's names in lower case.</summary>
public enum QueryFunction
{
    Contains,
    StartsWith,
    EndsWith,

    /// <summary>In Unicode code points.</summary>
    Length,

    /// <summary>From 0; -1 when absent.</summary>
    IndexOf,

    /// <summary>From 0; a negative start counts as 0.</summary>
    Substring,
    ToLower,
    ToUpper,

    /// <summary>Takes spaces off both ends.</summary>
    Trim,
    Concat,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,

    /// <summary>The UTC day of an instant.</summary>
    Date,

    /// <summary>To the nearest whole number, halves away from zero.</summary>
    Round,
    Floor,
    Ceiling,
}
