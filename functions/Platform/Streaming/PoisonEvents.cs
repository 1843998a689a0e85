using System.Text.Json.Nodes;
using System.Text.Unicode;
using DataPlatform.Lake;

namespace DataPlatform.Streaming;

/// <summary>Keeps events that no table takes, one object each: <c>lake/quarantine/_events/{hub}/{partition}/{sequence}.json</c>.</summary>
internal sealed class PoisonEvents(IObjectStore objects)
{
    private const string ContentType = "application/json";

    /// <summary>Stores an event and why it is here. What is stored already, also from another hub of the name, stays.</summary>
    /// <param name="dataset">Where it was to go; null when that cannot be told.</param>
    public async Task StoreAsync(
        StreamPartition partition, DateTimeOffset created, StreamEvent source, string? dataset, string code, string message, CancellationToken cancellationToken)
    {
        // Nothing in it is of the attempt: a second one writes the same.
        var content = Describe(partition, created, source, dataset, code, message);
        var folder = $"lake/quarantine/_events/{partition.Hub.ToLowerInvariant()}/{partition.Id}";
        var path = LakePath.Parse($"{folder}/{source.SequenceNumber}.json");
        if (await objects.TryPutAsync(path, content, PutCondition.IfAbsent, ContentType, cancellationToken) is not null)
            return;
        if (await IsOfAsync(path, created, cancellationToken))
            return;
        await objects.TryPutAsync(
            LakePath.Parse($"{folder}/{source.SequenceNumber}-{created.ToUnixTimeMilliseconds()}.json"), content, PutCondition.IfAbsent, ContentType, cancellationToken);
    }

    /// <summary>Whether what lies there is of the same hub, so of the same event.</summary>
    private async Task<bool> IsOfAsync(LakePath path, DateTimeOffset created, CancellationToken cancellationToken)
    {
        await using var there = await objects.OpenReadAsync(path, null, cancellationToken);
        var document = await JsonNode.ParseAsync(there, cancellationToken: cancellationToken);
        return (long?)document?["hubCreated"] == created.ToUnixTimeMilliseconds();
    }

    private static byte[] Describe(
        StreamPartition partition, DateTimeOffset created, StreamEvent source, string? dataset, string code, string message)
    {
        var properties = new JsonObject();
        foreach (var (name, value) in source.Properties)
        {
            properties[name] = value switch
            {
                null => null,
                string or bool or byte or sbyte or short or ushort or int or uint or long or ulong => JsonValue.Create(value),
                byte[] bytes => Convert.ToBase64String(bytes),
                IFormattable other => other.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
        }

        var document = new JsonObject
        {
            ["hub"] = partition.Hub,
            ["consumerGroup"] = partition.ConsumerGroup,
            ["partition"] = partition.Id,
            ["sequence"] = source.SequenceNumber,
            ["enqueuedAt"] = source.Enqueued.UtcDateTime,
            ["hubCreated"] = created.ToUnixTimeMilliseconds(),
            ["dataset"] = dataset,
            ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
            ["contentType"] = source.ContentType,
            ["properties"] = properties,
        };
        if (Utf8.IsValid(source.Body.Span))
            document["body"] = System.Text.Encoding.UTF8.GetString(source.Body.Span);
        else
            document["bodyBase64"] = Convert.ToBase64String(source.Body.Span);
        return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString(PlatformJson.Options));
    }
}
