using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace DataPlatform.Processing.Lineage.OpenLineage;

/// <summary>A run of a job: of a pipeline, of one of its steps, of a step's expectations.</summary>
/// <param name="Run">The platform's run.</param>
/// <param name="Part">The step, or what is done of it; null for the run as a whole.</param>
internal sealed record OpenLineageJob(string Run, string Name, string? Part)
{
    private string FullName => Part is null ? Name : $"{Name}.{Part}";

    public JsonObject Identity() => new() { ["namespace"] = OpenLineageSpec.Namespace, ["name"] = FullName };

    /// <summary>OpenLineage knows runs by UUIDs: this one follows from the run's id, and is the same whenever it is asked for (RFC 9562, version 8).</summary>
    public string RunId()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Run}/{Part}")).AsSpan(0, 16).ToArray();
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true).ToString();
    }

    /// <param name="type"><c>START COMPLETE FAIL ABORT</c>.</param>
    public JsonObject Event(
        string type, DateTimeOffset time, JsonObject runFacets, JsonObject jobFacets, IEnumerable<JsonObject> inputs, IEnumerable<JsonObject> outputs)
    {
        var job = Identity();
        job["facets"] = jobFacets;
        return new JsonObject
        {
            ["eventType"] = type,
            ["eventTime"] = time.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["run"] = new JsonObject { ["runId"] = RunId(), ["facets"] = runFacets },
            ["job"] = job,
            ["inputs"] = new JsonArray([.. inputs]),
            ["outputs"] = new JsonArray([.. outputs]),
            ["producer"] = OpenLineageSpec.Producer,
            ["schemaURL"] = OpenLineageSpec.RunEvent,
        };
    }

    /// <summary>The facet that says what a job is part of.</summary>
    public JsonObject AsParent() => OpenLineageSpec.ParentRun(new JsonObject { ["run"] = new JsonObject { ["runId"] = RunId() }, ["job"] = Identity() });
}
