using DataPlatform.Failures;

namespace DataPlatform.Catalog;

/// <summary>Gathers all that is wrong with a document, so that its writer can mend it in one go.</summary>
internal sealed class Mistakes
{
    /// <summary>More than this many are counted, not listed: the answer stays readable.</summary>
    public const int MaxListed = 500;

    private readonly List<FailureDetail> _listed = [];

    public int Count { get; private set; }

    /// <summary>Whether one is told of this place.</summary>
    public bool Has(string path) => _listed.Exists(mistake => mistake.Target == path);

    public void Add(string code, string path, string message)
    {
        if (Count++ < MaxListed)
            _listed.Add(new FailureDetail(code, message, path));
    }

    /// <summary>The exception that tells of all mistakes.</summary>
    /// <param name="document">What was read, e.g. <c>dataset 'flights'</c>.</param>
    public TerminalException ToException(string document, FailureKind kind, string code)
    {
        var details = _listed;
        if (Count > MaxListed)
            details = [.. _listed, new FailureDetail("MoreMistakes", $"{Count - MaxListed} more mistakes are not listed.", "$")];

        var first = _listed[0];
        var message = Count == 1
            ? $"The definition of {document} has a mistake at {first.Target}: {first.Message}"
            : $"The definition of {document} has {Count} mistakes, all in 'details'. The first, at {first.Target}: {first.Message}";
        return new TerminalException(kind, code, message, first.Target, details);
    }
}
