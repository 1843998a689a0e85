namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>What stands at the beginning of a record.</summary>
/// <param name="PayloadBytes">The record's length without its prefix.</param>
/// <param name="Hash">Of the payload.</param>
/// <param name="EnqueuedMilliseconds">Since 1970, UTC.</param>
internal readonly record struct LogRecordHead(int PayloadBytes, ulong Hash, long FirstSequenceNumber, long EnqueuedMilliseconds, int Count)
{
    /// <summary>The whole record, prefix included.</summary>
    public int RecordBytes => PayloadBytes + LogRecord.PrefixBytes;

    /// <summary>Whether such a record can have been written behind <paramref name="nextSequenceNumber"/>.</summary>
    public bool IsPossible(long nextSequenceNumber) =>
        PayloadBytes is >= LogRecord.HeadBytes and <= LogRecord.MaxBytes && FirstSequenceNumber == nextSequenceNumber && Count > 0;
}
