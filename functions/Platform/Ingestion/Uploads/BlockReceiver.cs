using System.Xml;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>
/// Takes blocks where there is no storage account to take them: Put Block, Put Block List, Put Blob and Get Block List as Azure's blob service has them
/// (learn.microsoft.com, "Blob service REST API"), for one upload at its own address.
/// </summary>
public sealed class BlockReceiver(IUploadSpace space, IObjectStore objects, UploadStore uploads, UploadAddresses addresses, TimeProvider clock)
{
    private static readonly XmlReaderSettings Reading = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 16 << 20,
        IgnoreWhitespace = true,
        IgnoreComments = true,
    };

    /// <summary>Lets in who has the address of an upload that can be written.</summary>
    /// <exception cref="TerminalException">As <see cref="UploadAddresses.CheckAsync"/>; <c>UploadNotFound</c>, <c>UploadExpired</c>, <c>UploadCanceled</c>,
    /// <c>UploadCompleted</c>; <c>AddressNotFound</c>: blocks go to the storage account here.</exception>
    public async Task<Upload> AdmitAsync(string dataset, string id, string? until, string? signature, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await addresses.CheckAsync(dataset, id, until, signature, now, cancellationToken);
        _ = Space;
        var upload = await uploads.GetAsync(dataset, id, cancellationToken);
        return UploadSessions.EnsureOpen(upload, now)
            ? throw new TerminalException(FailureKind.Conflict, "UploadCompleted", "The upload was completed and takes no more bytes. Begin another for these.")
            : upload;
    }

    /// <summary>The body, whose end is reached only if it has this MD5.</summary>
    /// <inheritdoc cref="Md5Stream.Check"/>
    public static Stream Check(Stream body, string? contentMd5) => Md5Stream.Check(body, contentMd5);

    public Task StageAsync(Upload upload, string blockId, Stream content, CancellationToken cancellationToken) =>
        Space.StageAsync(upload.Object, blockId, content, cancellationToken);

    /// <param name="list">The XML of Put Block List.</param>
    /// <exception cref="TerminalException"><c>InvalidBlockList</c>, <c>InvalidBlockId</c>; <c>ConditionNotMet</c>.</exception>
    public async Task<ObjectInfo> CommitAsync(Upload upload, Stream list, PutCondition condition, CancellationToken cancellationToken)
    {
        var ids = await ReadListAsync(list);
        return await Space.CommitAsync(upload.Object, ids, condition, upload.ContentType, cancellationToken) ?? throw NotMet();
    }

    /// <summary>The whole body in one request.</summary>
    /// <exception cref="TerminalException"><c>ConditionNotMet</c>.</exception>
    public async Task<ObjectInfo> PutAsync(Upload upload, Stream content, PutCondition condition, CancellationToken cancellationToken)
    {
        await using var target = await objects.OpenWriteAsync(upload.Object, condition, upload.ContentType, cancellationToken);
        await content.CopyToAsync(target, 1 << 17, cancellationToken);
        return await target.CompleteAsync(cancellationToken) ?? throw NotMet();
    }

    public Task<UploadBlocks> ListAsync(Upload upload, CancellationToken cancellationToken) => Space.ListBlocksAsync(upload.Object, cancellationToken);

    /// <summary>The XML of Get Block List.</summary>
    /// <param name="committed">Whether to tell of the blocks the object consists of.</param>
    /// <param name="uncommitted">Whether to tell of the others.</param>
    public static string Write(UploadBlocks blocks, bool committed, bool uncommitted)
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("BlockList");
            if (committed)
                WriteBlocks(xml, "CommittedBlocks", blocks.Committed);
            if (uncommitted)
                WriteBlocks(xml, "UncommittedBlocks", blocks.Uncommitted);
            xml.WriteEndElement();
        }

        return """<?xml version="1.0" encoding="utf-8"?>""" + text;
    }

    private FolderUploadSpace Space => space as FolderUploadSpace
        ?? throw new TerminalException(FailureKind.NotFound, "AddressNotFound", "Blocks are not taken here: the upload session was answered with an address of the storage account.");

    private static TerminalException NotMet() => new(FailureKind.PreconditionFailed, "ConditionNotMet", "The condition in If-Match or If-None-Match does not hold. Nothing was changed.");

    private static void WriteBlocks(XmlWriter xml, string name, IReadOnlyList<UploadBlock> blocks)
    {
        xml.WriteStartElement(name);
        foreach (var block in blocks)
        {
            xml.WriteStartElement("Block");
            xml.WriteElementString("Name", block.Id);
            xml.WriteElementString("Size", XmlConvert.ToString(block.Bytes));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static async Task<IReadOnlyList<string>> ReadListAsync(Stream list)
    {
        try
        {
            List<string> ids = [];
            using var xml = XmlReader.Create(list, Reading);
            if (await xml.MoveToContentAsync() != XmlNodeType.Element || xml.LocalName != "BlockList")
                throw new XmlException("Its root is not 'BlockList'.");
            await xml.ReadAsync();
            while (xml.NodeType == XmlNodeType.Element)
            {
                if (xml.LocalName is not ("Latest" or "Uncommitted" or "Committed"))
                    throw new XmlException($"It has the element '{xml.LocalName}'.");
                ids.Add((await xml.ReadElementContentAsStringAsync()).Trim());
                if (ids.Count > FolderUploadSpace.MaxBlocks)
                    throw new XmlException($"It has more than {FolderUploadSpace.MaxBlocks} blocks.");
            }

            // To the end, where a stream may tell that it was damaged.
            while (await xml.ReadAsync())
            {
            }

            return ids;
        }
        catch (XmlException fault)
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidBlockList",
                $"The block list is not usable: {(fault.LineNumber > 0 ? $"It is no XML, or not plain, at line {fault.LineNumber}, position {fault.LinePosition}." : fault.Message)} Send <BlockList><Latest>id</Latest>…</BlockList>, with the blocks in order.", "BlockList", innerException: fault);
        }
    }
}
