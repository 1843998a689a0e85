using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Turns a pipeline's document into what runs: the tables each step reads, and the order of the steps.</summary>
public sealed class PipelineCompiler(SqlInspector inspector, TableCatalog tables)
{
    /// <exception cref="TerminalException"><c>InvalidPipeline</c>: all mistakes, each with its place in the document.</exception>
    public async Task<CompiledPipeline> CompileAsync(PipelineDefinition pipeline, CancellationToken cancellationToken)
    {
        var targets = pipeline.Steps.Select(step => step.Target).ToHashSet(StringComparer.Ordinal);
        List<FailureDetail> mistakes = [];
        List<CompiledStep> steps = [];
        CheckTargets(pipeline, mistakes);
        for (var i = 0; i < pipeline.Steps.Count; i++)
        {
            var document = pipeline.Steps[i];
            var step = document with { Retry = document.Retry ?? pipeline.Retry, Timeout = document.Timeout ?? pipeline.Timeout };
            var compilation = new StepCompilation(inspector, tables, targets, step, $"$.steps[{i}]", pipeline.Parameters, mistakes);
            if (await compilation.CompileAsync(cancellationToken) is { } compiled)
                steps.Add(compiled);
        }

        for (var i = 0; mistakes.Count == 0 && i < pipeline.Parameters.Count; i++)
        {
            var name = pipeline.Parameters[i].Name;
            if (!steps.Exists(step => step.Parameters.Concat(step.ConditionParameters).Any(parameter => parameter.Name == name)))
                mistakes.Add(new FailureDetail("UnusedParameter", $"No step's SQL uses the parameter '{name}': use it as ${name}, or leave it out.", $"$.parameters[{i}].name"));
        }

        var ordered = mistakes.Count == 0 ? Order(steps, mistakes) : [];
        if (mistakes.Count == 0)
            return new CompiledPipeline(pipeline.Name, ordered);

        throw new TerminalException(
            FailureKind.Invalid,
            "InvalidPipeline",
            mistakes.Count == 1
                ? $"Pipeline '{pipeline.Name}' cannot run. {mistakes[0].Message}"
                : $"Pipeline '{pipeline.Name}' cannot run: {mistakes.Count} mistakes. The first: {mistakes[0].Message}",
            mistakes[0].Target,
            mistakes);
    }

    /// <summary>Steps may add to one table together, but whoever overwrites it would take away what the others wrote, for good: they would
    /// not read those rows again.</summary>
    private static void CheckTargets(PipelineDefinition pipeline, List<FailureDetail> mistakes)
    {
        for (var i = 0; i < pipeline.Steps.Count; i++)
        {
            var step = pipeline.Steps[i];
            var other = pipeline.Steps.Where((other, j) => j != i && other.Target == step.Target && (other.Mode != StepMode.Overwrite || j < i)).FirstOrDefault();
            if (step.Mode == StepMode.Overwrite && other is not null)
            {
                mistakes.Add(new FailureDetail(
                    "TargetOverwritten",
                    $"Step '{step.Name}': it overwrites '{step.Target}', which step '{other.Name}' writes too: give it a table of its own, or unite both in one step.",
                    $"$.steps[{i}].target"));
            }
        }
    }

    /// <summary>Puts each step behind all that write a table it reads; otherwise the document's order stays.</summary>
    private static List<CompiledStep> Order(IReadOnlyList<CompiledStep> steps, List<FailureDetail> mistakes)
    {
        List<CompiledStep> ordered = [];
        var waiting = steps.ToList();
        while (waiting.Count > 0)
        {
            var ready = waiting.Find(step => !waiting.Exists(other => Reads(step, other.Target)));
            if (ready is null)
            {
                var names = string.Join(", ", waiting.Select(step => $"'{step.Name}'"));
                mistakes.Add(new FailureDetail(
                    "StepCycle", $"The steps {names} read one another's tables in a circle, so none can be first: break the circle.", "$.steps"));
                return [];
            }

            waiting.Remove(ready);
            ordered.Add(ready);
        }

        return ordered;
    }

    private static bool Reads(CompiledStep step, TableName table) => step.Sources.Contains(table) || step.NewSources.Contains(table);
}
