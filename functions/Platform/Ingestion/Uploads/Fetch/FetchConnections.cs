using System.Net;
using System.Net.Sockets;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>
/// Opens connections to remote servers. A host is resolved here and connected to at the very address that was checked, so that a name
/// which leads elsewhere a moment later gains nothing. No proxy, no cookies, no redirects, no headers but ours.
/// </summary>
internal sealed class FetchConnections(FetchPolicy policy, FetchLimits limits, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public HttpMessageInvoker Open() => new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, cancellationToken),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            Credentials = null,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = limits.MaxHeaderKilobytes,
            MaxResponseDrainSize = 0,
            ConnectTimeout = limits.IdleTimeout,
            PooledConnectionLifetime = TimeSpan.Zero,
        },
        disposeHandler: true);

    private async Task<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host.Host, cancellationToken);
        var admitted = addresses.Where(address => policy.Admits(host.Host, address)).ToList();
        if (admitted.Count == 0)
            throw new FetchRefusedException();

        for (var i = 0; ; i++)
        {
            var socket = new Socket(admitted[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(limits.ConnectTimeout);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(admitted[i], host.Port), timeout.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException && i < admitted.Count - 1 && !cancellationToken.IsCancellationRequested)
            {
                // The host's next address may answer.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];

        try
        {
            return await resolve(host, cancellationToken);
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // The same as for names of the private network.
            return [];
        }
    }
}
