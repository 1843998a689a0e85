using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Why rows are in quarantine: the same rule, column and message. Messages that tell a place or a count have <c>#</c> for it.</summary>
/// <param name="Rule">In snake_case.</param>
/// <param name="Column">The input's name; null when rows as a whole are broken.</param>
internal sealed partial record CauseKey(string Rule, string? Column, string Message)
{
    /// <summary>Stands for causes beyond the most that are told apart in one batch.</summary>
    public static readonly CauseKey Other = new("other", null, "Other causes: a batch keeps 50 apart. Its rows are in its own quarantine file.");

    private const int IdBytes = 8;

    /// <summary>16 hex digits that follow from the others; <c>other</c> for <see cref="Other"/>.</summary>
    public string Id => Rule == Other.Rule
        ? Other.Rule
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Rule}\n{Column}\n{Message}")).AsSpan(0, IdBytes));

    public static CauseKey Of(BrokenValue error) => new(
        error.Rule,
        error.Column,
        error.Rule is "json" or "missing_value" or "extra_value" or "quote" or "size" ? Digits().Replace(error.Message, "#") : error.Message);

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Digits();
}
