namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What an activity came to. The activity is over only when the result is stored.</summary>
internal sealed record ActivityResult(ActivityWork Work, HistoryEvent Event);
