using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>Reads and sets the access control lists of what lies below <c>files/</c>, where the store has them.</summary>
public sealed class LakeAccess(IDirectoryOperations directories)
{
    /// <param name="path">As in the address, decoded; a folder's ends with a slash.</param>
    /// <exception cref="TerminalException">400, 404; 501 <c>NoHierarchicalNamespace</c>.</exception>
    public async Task<IResult> GetAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var location = Locate(path);
        if (!await directories.IsHierarchicalAsync(cancellationToken))
            throw FlatDirectories.NotOffered();
        return new JsonAnswer(
            StatusCodes.Status200OK, await directories.GetAccessAsync(location, cancellationToken) ?? throw LakeReader.NotFound(path));
    }

    /// <summary>Replaces the list, and owner and group when they are given.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<IResult> PutAsync(HttpRequest request, string path, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var location = Locate(path);
        var (list, owner, group) = Read(document);
        if (list.HasDefaults && !path.EndsWith('/'))
            throw new TerminalException(FailureKind.Invalid, "InvalidAccessList", "Only folders have entries that begin with 'default:'.", "acl");
        if (!await directories.IsHierarchicalAsync(cancellationToken))
            throw FlatDirectories.NotOffered();
        return await directories.TrySetAccessAsync(location, list, owner, group, cancellationToken)
            ? new EmptyAnswer(StatusCodes.Status204NoContent)
            : throw LakeReader.NotFound(path);
    }

    private static LakePath Locate(string path) => path.EndsWith('/') ? LakeAddress.LocateFileFolder(path) : LakeAddress.LocateFile(path);

    private static (AccessList List, string? Owner, string? Group) Read(ReadOnlyMemory<byte> document)
    {
        const int LongestName = 128;
        var mistakes = new Mistakes();
        try
        {
            using var json = JsonDocument.Parse(document);
            if (ObjectReader.Open(json.RootElement, "$", mistakes) is { } reader)
            {
                var (acl, owner, group) = (reader.Text("acl", required: true), reader.Text("owner", maxLength: LongestName), reader.Text("group", maxLength: LongestName));
                reader.Close();
                if (mistakes.Count == 0)
                    return (AccessList.Parse(acl!), owner, group);
            }
        }
        catch (JsonException damage)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidJson", $"The document is not JSON: {damage.Message}", "body");
        }

        throw mistakes.ToException("the access", FailureKind.Invalid, "InvalidAccess");
    }
}
