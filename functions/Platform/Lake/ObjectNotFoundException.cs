using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>An object that was to be read is not there.</summary>
public sealed class ObjectNotFoundException(LakePath path, Exception? innerException = null)
    : TerminalException(FailureKind.NotFound, "ObjectNotFound", $"There is no object '{path}'.", path.Value, innerException: innerException)
{
    public LakePath Path { get; } = path;
}
