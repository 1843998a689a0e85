using System.Text.Json.Nodes;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A contract that a sample speaks for, and what speaks for it.</summary>
/// <param name="Contract">Ready to be put.</param>
/// <param name="Rows">Rows that were looked at.</param>
/// <param name="Unreadable">Rows among them that could not be taken apart.</param>
/// <param name="Bytes">Bytes that were read, unfolded.</param>
/// <param name="Whole">Whether the sample is the whole body.</param>
/// <param name="KeyCandidates">Fields of which each row has a value of its own.</param>
public sealed record Inference(
    JsonObject Contract,
    long Rows,
    long Unreadable,
    long Bytes,
    bool Whole,
    IReadOnlyList<InferredField> Fields,
    IReadOnlyList<string> KeyCandidates,
    IReadOnlyList<string> Warnings);
