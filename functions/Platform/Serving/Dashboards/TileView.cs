using DataPlatform.Catalog;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.Dashboards;

/// <summary>A tile over one version of its mart, with what was chosen. Nothing has been read yet.</summary>
/// <param name="Range">Null when the mart has no such dimension, or the dashboard no choice of time.</param>
/// <param name="ETag">With its quotes; the same as long as the answer is.</param>
public sealed record TileView(DashboardDefinition Dashboard, TileDefinition Tile, PinnedTable Mart, DashboardChoice Choice, TimeRange? Range, RowFilter? Filter, string ETag);
