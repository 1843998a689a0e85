namespace DataPlatform.Tables;

/// <summary>What became of some of the events of one request: their places in its body, from 0, as in <c>0-5,9</c>; null stands for none.</summary>
/// <param name="Id">The receipt's.</param>
/// <param name="Loaded">Also rows whose place later rows of the same key took at once.</param>
/// <param name="Duplicate">Left out, for their key was there; events that came twice are among them.</param>
public sealed record CommittedReceipt(string Id, string? Loaded, string? Quarantined, string? Duplicate, string? Discarded);
