using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>A number that stands for what decides on a step's rows: SQL, mode, key and delete condition. Targets keep the one they were written by among
/// their <c>txn</c> actions, where restores and checkpoints carry it along.</summary>
internal static class StepFingerprint
{
    public static string AppId(string pipeline, string step) => $"{pipeline}/{step}@definition";

    /// <summary>Of a step as it was written: to be compared with others as written, for the compiled SQL has the types of parameters.</summary>
    public static long Of(StepDefinition step) => Of(step.Mode, step.Key, step.Sql, step.DeleteWhen);

    /// <summary>What targets keep. Not negative.</summary>
    public static long Of(CompiledStep step) => Of(step.Mode, step.Key, step.Sql, step.DeleteWhen);

    /// <returns>Null when the target was not written by the step, or by one that did not say.</returns>
    public static long? Find(Snapshot target, string pipeline, string step) => StepPosition.Find(target, AppId(pipeline, step));

    private static long Of(StepMode mode, IReadOnlyList<string> key, string sql, string? deleteWhen)
    {
        string?[] parts = [EnumNames.Of(mode), mode == StepMode.Merge ? string.Join('\n', key) : "", sql.Trim().TrimEnd(';').TrimEnd(), deleteWhen];
        return BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(parts, PlatformJson.Options))) & long.MaxValue;
    }
}
