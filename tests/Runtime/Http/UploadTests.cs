using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class UploadTests
{
    public sealed class Gates
    {
        public TaskCompletionSource FirstByte { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<Exception?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Functions(Gates gates)
    {
        [Function("by_stream")]
        public Task<IResult> ByStream([HttpTrigger("post")] HttpRequest request) => ReadAsync(async buffer => await request.Body.ReadAsync(buffer));

        [Function("by_pipe")]
        public Task<IResult> ByPipe([HttpTrigger("post")] HttpRequest request) => ReadAsync(async _ =>
        {
            var read = await request.BodyReader.ReadAsync();
            var length = (int)read.Buffer.Length;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            return length;
        });

        private async Task<IResult> ReadAsync(Func<byte[], Task<int>> read)
        {
            var buffer = new byte[4096];
            try
            {
                while (await read(buffer) > 0)
                {
                    gates.FirstByte.TrySetResult();
                }

                gates.Ended.SetResult(null);
            }
            catch (Exception exception)
            {
                gates.Ended.SetResult(exception);
                throw;
            }

            return Results.Ok();
        }
    }

    // Seen on the official host 4.1037, which has its worker's Kestrel throw the same.
    [Theory]
    [InlineData("by_stream", "Content-Length: 100000\r\n\r\n0123456789")]
    [InlineData("by_stream", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")]
    [InlineData("by_pipe", "Content-Length: 100000\r\n\r\n0123456789")]
    [InlineData("by_pipe", "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")]
    public async Task A_client_that_dies_while_sending_ends_the_reading_with_Kestrels_exception(string function, string rest)
    {
        await using var host = await TestHost.StartAsync([typeof(Functions)], builder => builder.Services.AddSingleton<Gates>());
        await using (var raw = await RawHttp.ConnectAsync(host.Address))
        {
            await raw.SendAsync($"POST /{function} HTTP/1.1\r\nHost: h\r\n{rest}");
            await host.Get<Gates>().FirstByte.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        var exception = await host.Get<Gates>().Ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("Unexpected end of request content.", Assert.IsAssignableFrom<BadHttpRequestException>(exception).Message);
    }
}
