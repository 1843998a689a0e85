using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>What became of a request to copy, move or delete: it is done, or goes on as an operation. One of the two is there.</summary>
public sealed record LakeChange(IResult? Answer, LakeOperation? Operation);
