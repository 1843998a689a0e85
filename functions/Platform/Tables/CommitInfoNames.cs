namespace DataPlatform.Tables;

/// <summary>Members of <c>commitInfo</c>. The first group is Delta's, the second ours.</summary>
internal static class CommitInfoNames
{
    public const string Timestamp = "timestamp";
    public const string Operation = "operation";
    public const string OperationParameters = "operationParameters";
    public const string OperationMetrics = "operationMetrics";
    public const string ReadVersion = "readVersion";
    public const string IsBlindAppend = "isBlindAppend";
    public const string EngineInfo = "engineInfo";
    public const string AttemptId = "txnId";

    public const string OperationId = "operationId";

    /// <summary>Names the process that wrote it, among those that race for versions.</summary>
    public const string Writer = "writer";
    public const string Batch = "batch";
    public const string Inputs = "inputs";
    public const string InputsBy = "inputsBy";

    public static readonly IReadOnlySet<string> Reserved = new HashSet<string>(StringComparer.Ordinal)
    {
        Timestamp, Operation, OperationParameters, OperationMetrics, ReadVersion, IsBlindAppend, EngineInfo, AttemptId, OperationId, Writer, Batch, Inputs,
        InputsBy,
    };
}
