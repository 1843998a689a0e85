using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>What holds of copies and moves in every kind of store.</summary>
public static class DirectoryRules
{
    /// <exception cref="TerminalException"><c>InvalidPath</c>.</exception>
    public static void CheckApart(LakePath source, LakePath destination)
    {
        if (IsAtOrBelow(source, destination) || IsAtOrBelow(destination, source))
        {
            throw new TerminalException(
                FailureKind.Invalid,
                "InvalidPath",
                $"'{source}' cannot become '{destination}': one lies in the other. Name a destination outside of the source.",
                "destination");
        }
    }

    public static TerminalException Taken(LakePath destination, Exception? innerException = null) => new(
        FailureKind.Conflict,
        "PathConflict",
        $"There is something at '{destination}' already: delete it first, or name another destination.",
        "destination",
        innerException: innerException);

    private static bool IsAtOrBelow(LakePath path, LakePath parent) => $"{path}/".StartsWith($"{parent}/", StringComparison.Ordinal);
}
