using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>A refresh whose files are uploaded.</summary>
/// <param name="Change">What is left to commit; null when nothing is.</param>
/// <param name="Result">Without the version of that commit.</param>
internal sealed record PreparedRefresh(RefreshPlan Plan, TableChange? Change, RefreshResult Result);
