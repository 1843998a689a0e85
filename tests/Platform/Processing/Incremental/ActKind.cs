namespace DataPlatform.Platform.Tests.Processing.Incremental;

public enum ActKind
{
    Append,
    AppendColumn,
    Merge,
    Overwrite,
    Delete,
    Compact,
    Restore,
    Vacuum,
    Wait,
    Replace,
    Drop,
    Reopen,
    Run,
}
