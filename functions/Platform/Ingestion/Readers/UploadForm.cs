using System.Buffers;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// The file in a form, as browsers and <c>curl -F</c> send it (<c>multipart/form-data</c>, RFC 7578): exactly one, which is read as it arrives.
/// The batch is the file; the form around it, whose boundary differs from one request to the next, is neither kept nor hashed.
/// </summary>
internal sealed class UploadForm : InputStream
{
    private const string Type = "multipart/form-data";
    private const int MaxBoundary = 70;
    private const string Fix = "Send a form with one file in it, or the file itself as the body.";

    private readonly FormBody _body;
    private readonly MultipartReader _form;
    private MultipartSection? _file;

    private UploadForm(string boundary, Stream body)
    {
        _body = new FormBody(body);
        _form = new MultipartReader(boundary, _body);
    }

    public static bool Is(string? contentType) => contentType?.TrimStart().StartsWith(Type, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads up to the file.</summary>
    /// <returns>The file and its media type: the part's own or, where that is none of those that are read, the one of its name.</returns>
    /// <exception cref="TerminalException"><c>UnsupportedMediaType</c>, <c>UnreadableFile</c>. The stream throws the latter too.</exception>
    public static async Task<(string ContentType, Stream File)> OpenAsync(
        string contentType, string? contentEncoding, Stream body, CancellationToken cancellationToken)
    {
        var (type, file, _) = await OpenAsync(contentType, contentEncoding, body, null, cancellationToken);
        return (type, file);
    }

    /// <summary>Reads up to the file, taking in a document that may come before it.</summary>
    /// <param name="documentField">The name of the document's field; null when there is none to expect.</param>
    /// <returns>As above, and the document: null when the form has none.</returns>
    /// <exception cref="TerminalException">As above; <c>DocumentTooLarge</c>.</exception>
    public static async Task<(string ContentType, Stream File, ReadOnlyMemory<byte>? Document)> OpenAsync(
        string contentType, string? contentEncoding, Stream body, string? documentField, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media)
            || HeaderUtilities.RemoveQuotes(media.Boundary) is not { Length: > 0 and <= MaxBoundary } boundary)
        {
            throw BatchMedia.Unsupported($"The Content-Type '{contentType}' has no boundary of 1 to {MaxBoundary} characters. Let the client set it.", "Content-Type");
        }

        if (!string.IsNullOrWhiteSpace(contentEncoding))
            throw Compressed("A form");

        var form = new UploadForm(boundary.ToString(), body);
        form._file = await form.NextAsync(cancellationToken) ?? throw Broken("there is no file in it");
        ReadOnlyMemory<byte>? document = null;
        if (documentField is not null && ContentDispositionHeaderValue.TryParse(form._file.ContentDisposition, out var disposition)
            && HeaderUtilities.RemoveQuotes(disposition.Name) == documentField)
        {
            document = await form.ReadDocumentAsync(cancellationToken);
            form._file = await form.NextAsync(cancellationToken) ?? throw Broken("there is no file in it");
        }

        return (TypeOf(form._file), form, document);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _file is null)
            return 0;

        var read = await ReadPartAsync(_file, buffer, cancellationToken);
        if (read > 0)
            return read;
        if (await NextAsync(cancellationToken) is not null)
            throw Broken("there is more than one file in it: each is a batch of its own");
        _file = null;
        return 0;
    }

    private static string TypeOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
            throw Broken($"it has the field '{disposition?.Name}', which is no file");

        var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
        var extension = Path.GetExtension(name);
        if (section.Headers?.ContainsKey("Content-Encoding") == true || extension.ToLowerInvariant() is ".gz" or ".zst" or ".br" or ".zip")
            throw Compressed($"The file '{name}'");
        if (FileTypes.IsRead(section.ContentType))
            return section.ContentType!;
        return FileTypes.OfExtension(extension)
            ?? throw BatchMedia.Unsupported(
                $"Neither the type of the file '{name}' ({section.ContentType ?? "none"}) nor its name is that of a format that is read. Give its part one of: {BatchMedia.Readable}.",
                "Content-Type");
    }

    private static TerminalException Compressed(string what) => BatchMedia.Unsupported(
        $"{what} is not read compressed. Unfold it, or send the compressed file itself as the body with its Content-Encoding.", "Content-Encoding");

    private static TerminalException Broken(string fault, Exception? innerException = null) =>
        UnreadableFile.At("the form", fault, Fix, innerException);

    private async ValueTask<int> ReadPartAsync(MultipartSection part, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await part.Body.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException fault) when (_body.HasEnded)
        {
            throw Broken("it is cut off", fault);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadDocumentAsync(CancellationToken cancellationToken)
    {
        var document = new ArrayBufferWriter<byte>();
        for (int read; (read = await ReadPartAsync(_file!, document.GetMemory(4096), cancellationToken)) > 0;)
        {
            document.Advance(read);
            if (document.WrittenCount > DefinitionParser.MaxBytes)
                throw new TerminalException(FailureKind.TooLarge, "DocumentTooLarge", $"The document in the form has more than {DefinitionParser.MaxBytes} bytes.", "$");
        }

        return document.WrittenMemory;
    }

    private async Task<MultipartSection?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _form.ReadNextSectionAsync(cancellationToken);
        }
        catch (IOException fault) when (_body.HasEnded)
        {
            throw Broken("it is cut off, or its boundary is another than the Content-Type says", fault);
        }
        catch (InvalidDataException fault)
        {
            throw Broken("the headers of a part are damaged or too long", fault);
        }
    }

    /// <summary>Knows whether the body has ended: what goes wrong before is not the form's fault.</summary>
    private sealed class FormBody(Stream body) : InputStream
    {
        public bool HasEnded { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            HasEnded |= read == 0 && !buffer.IsEmpty;
            return read;
        }
    }
}
