namespace DataPlatform.Catalog;

/// <summary>A picker of a dimension's values. It works on all tiles whose mart has the dimension.</summary>
/// <param name="Label">Null: the dimension's name.</param>
public sealed record DashboardFilter(string Dimension, string? Label = null);
