using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Readers;

/// <summary>The failure of a body that is damaged as a whole.</summary>
internal static class UnreadableFile
{
    public static TerminalException At(string place, string fault, string fix, Exception? innerException = null) => new(
        FailureKind.Invalid, "UnreadableFile", $"The body cannot be read: {fault} ({place}). Nothing was stored. {fix}", place,
        innerException: innerException);
}
