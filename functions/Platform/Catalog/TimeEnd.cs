namespace DataPlatform.Catalog;

/// <summary>Where the last days of a preset end.</summary>
public enum TimeEnd
{
    /// <summary>Now.</summary>
    Now,

    /// <summary>At the newest value there is: for data that does not reach the present.</summary>
    Data,
}
