using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>What a request for a run of a pipeline may say.</summary>
/// <param name="Parameters">Those given, as <see cref="ParameterValue"/> writes them.</param>
/// <param name="FullRefresh">Names of steps; null for none.</param>
public sealed record RunDocument(IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<string>? FullRefresh)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <param name="document">Empty when the request has none.</param>
    /// <exception cref="TerminalException"><c>InvalidRunRequest</c> with every mistake, <c>InvalidJson</c>.</exception>
    public static RunDocument Read(ReadOnlyMemory<byte> document, PipelineDefinition pipeline)
    {
        var mistakes = new Mistakes();
        var run = new RunDocument(new Dictionary<string, string>(), FullRefresh: null);
        if (!document.IsEmpty)
        {
            try
            {
                using var json = JsonDocument.Parse(document, Options);
                if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
                    run = Read(reader, pipeline);
            }
            catch (JsonException damage)
            {
                throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
            }
        }

        foreach (var missing in pipeline.Parameters.Where(parameter => parameter.Default is null && !run.Parameters.ContainsKey(parameter.Name)))
        {
            if (!mistakes.Has($"$.parameters.{missing.Name}"))
                mistakes.Add("MissingParameter", $"$.parameters.{missing.Name}", $"The pipeline needs a value for '{missing.Name}': give {ParameterValue.Example(missing.Type)}.");
        }

        return mistakes.Count == 0 ? run : throw mistakes.ToException("the run", FailureKind.Invalid, "InvalidRunRequest");
    }

    private static RunDocument Read(ObjectReader reader, PipelineDefinition pipeline)
    {
        var values = ParameterParser.Values(reader.Object("parameters"), pipeline.Parameters);
        var steps = pipeline.Steps.Select(step => step.Name).ToList();
        IReadOnlyList<string>? refreshed = null;
        if (reader.IsFlag("fullRefresh"))
        {
            refreshed = reader.Flag("fullRefresh") ? steps : null;
        }
        else if (reader.Has("fullRefresh"))
        {
            List<string> named = [];
            foreach (var (name, path) in reader.Texts("fullRefresh", steps.Count, required: true))
            {
                if (!steps.Contains(name, StringComparer.Ordinal))
                    reader.Mistakes.Add("StepNotFound", path, $"The pipeline has no step '{ObjectReader.Shorten(name)}'.{DidYouMean.Sentence(name, steps)}");
                named.Add(name);
            }

            refreshed = named;
        }
        else
        {
            _ = reader.Flag("fullRefresh");
        }

        reader.Close();
        return new RunDocument(values, refreshed);
    }
}
