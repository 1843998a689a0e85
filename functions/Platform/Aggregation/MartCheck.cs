using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>What is checked of a mart when it is put, besides its document: that its source exists and its expressions are SQL. Columns
/// are checked by the refresh, which knows the source's.</summary>
public sealed class MartCheck(MartCompiler compiler, TableCatalog tables)
{
    /// <exception cref="TerminalException"><c>InvalidMart</c> with all mistakes, each at its JSON path.</exception>
    public async Task CheckAsync(MartDefinition mart, CancellationToken cancellationToken)
    {
        List<FailureDetail> mistakes = [];
        var source = await tables.FindAsync(mart.Source, cancellationToken);
        if (source is null)
            mistakes.Add(new FailureDetail("SourceNotFound", $"There is no dataset or warehouse table '{mart.Source}': put its definition first, or correct the name.", "$.source"));
        else if (source.Kind is TableKind.Mart)
            mistakes.Add(new FailureDetail("InvalidSource", $"'{mart.Source}' is a mart: name the dataset or warehouse table it is made of.", "$.source"));
        mistakes.AddRange(await compiler.FindMistakesAsync(mart, cancellationToken));
        MartCompiler.ThrowIfAny(mart, mistakes);
    }
}
