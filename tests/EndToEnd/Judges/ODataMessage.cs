using Microsoft.OData;

namespace DataPlatform.EndToEnd.Tests.Judges;

/// <summary>An answer as the OData library reads it.</summary>
internal sealed class ODataMessage(HttpResponseMessage answer, Stream body) : IODataResponseMessageAsync
{
    public IEnumerable<KeyValuePair<string, string>> Headers =>
        answer.Headers.Concat(answer.Content.Headers).Select(header => KeyValuePair.Create(header.Key, string.Join(",", header.Value)));

    public int StatusCode
    {
        get => (int)answer.StatusCode;
        set => throw new NotSupportedException();
    }

    public static async Task<ODataMessage> OfAsync(HttpResponseMessage answer) => new(answer, await answer.Content.ReadAsStreamAsync());

    public string GetHeader(string headerName) => Headers.FirstOrDefault(header => header.Key.Equals(headerName, StringComparison.OrdinalIgnoreCase)).Value;

    public void SetHeader(string headerName, string headerValue) => throw new NotSupportedException();

    public Stream GetStream() => body;

    public Task<Stream> GetStreamAsync() => Task.FromResult(body);
}
