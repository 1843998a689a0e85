using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "Batch {Batch}, attempt {Attempt}: {Loaded} of {Received} rows loaded in table version {Version}")]
    public static partial void Committed(ILogger logger, string batch, int attempt, long loaded, long received, long version);

    [LoggerMessage(6002, LogLevel.Information, "Batch {Batch}, attempt {Attempt} was rejected: {Code}")]
    public static partial void Rejected(ILogger logger, string batch, int attempt, string code);

    [LoggerMessage(6003, LogLevel.Warning, "Batch {Batch}, attempt {Attempt} was cut off before its commit; the next attempt may start")]
    public static partial void Released(ILogger logger, string batch, int attempt, Exception exception);

    [LoggerMessage(6004, LogLevel.Warning, "The claim on batch {Batch} was not renewed")]
    public static partial void NotRenewed(ILogger logger, string batch, Exception exception);

    [LoggerMessage(6005, LogLevel.Warning, "Batch {Batch} is committed, but its receipt must wait for the timer")]
    public static partial void NotProjected(ILogger logger, string batch, Exception exception);

    [LoggerMessage(6006, LogLevel.Information, "Batch {Batch} was abandoned by its attempt {Attempt}")]
    public static partial void Abandoned(ILogger logger, string batch, int attempt);

    [LoggerMessage(6007, LogLevel.Warning, "Receipts of dataset {Dataset} could not be brought up to date; the next turn tries again")]
    public static partial void NotSettled(ILogger logger, string dataset, Exception exception);

    [LoggerMessage(6008, LogLevel.Warning, "The state of batch {Batch} could not be noted")]
    public static partial void NotNoted(ILogger logger, string batch, Exception exception);

    [LoggerMessage(6009, LogLevel.Information, "The key file {Path} is written anew from its data file: {Reason}")]
    public static partial void KeysRebuilt(ILogger logger, string path, string reason);

    [LoggerMessage(6010, LogLevel.Information, "Other commits brought {Rows} of the keys of batch {Batch} while it was loaded; its files are written anew without them")]
    public static partial void DuplicatesMet(ILogger logger, int rows, string batch);

    [LoggerMessage(6011, LogLevel.Debug, "Dataset {Dataset}: {Requests} requests share table version {Version}")]
    public static partial void GroupCommitted(ILogger logger, string dataset, int requests, long version);

    [LoggerMessage(6012, LogLevel.Information, "Dataset {Dataset}: a group of {Requests} requests was refused; each goes on alone")]
    public static partial void GroupRefused(ILogger logger, string dataset, int requests, Exception exception);

    [LoggerMessage(6013, LogLevel.Warning, "Dataset {Dataset} is committed up to version {Version}, but its receipts must wait for the timer")]
    public static partial void NotFollowed(ILogger logger, string dataset, long version, Exception exception);

    [LoggerMessage(6014, LogLevel.Warning, "Files of table {Table} that no commit needs could not be removed; vacuum does it")]
    public static partial void PartsLeft(ILogger logger, string table, Exception exception);

    [LoggerMessage(6021, LogLevel.Warning, "Upload {Upload} could not be expired; the next turn tries again")]
    public static partial void NotExpired(ILogger logger, string upload, Exception exception);

    [LoggerMessage(6020, LogLevel.Warning, "The progress of upload {Upload} could not be noted")]
    public static partial void NotReported(ILogger logger, string upload, Exception exception);

    [LoggerMessage(6031, LogLevel.Information, "Dataset {Dataset} is made by its first batch; its contract follows from {Rows} rows")]
    public static partial void DatasetCreated(ILogger logger, string dataset, long rows);
}
