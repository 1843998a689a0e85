using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DataPlatform.Tables.Checkpointing;

namespace DataPlatform.Tables.Protocol;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimestampConverter)])]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(IReadOnlyList<CommittedBatch>))]
[JsonSerializable(typeof(ProjectionCursor))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, TableInput>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyDictionary<string, TableInput>>))]
[JsonSerializable(typeof(LastCheckpoint))]
[JsonSerializable(typeof(TableHold))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
