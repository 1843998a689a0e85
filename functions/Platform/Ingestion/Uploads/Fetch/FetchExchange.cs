using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Asks for a file, or the rest of one, following redirects by hand: each address is checked anew and gets our headers only.</summary>
internal sealed class FetchExchange(HttpMessageInvoker http, FetchPolicy policy, FetchLimits limits, TimeProvider clock)
{
    /// <summary>Sends the request and reads the answer's head.</summary>
    /// <param name="offset">The first byte that is wanted.</param>
    /// <param name="validator">What must still hold of the file; given when <paramref name="offset"/> is not 0.</param>
    /// <exception cref="TerminalException"><c>AddressRefused</c>; <c>FetchFailed</c>.</exception>
    /// <exception cref="FetchInterruptedException">No answer, or one that asks to come again.</exception>
    public async Task<HttpResponseMessage> SendAsync(FetchUrl url, long offset, string? validator, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(limits.IdleTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var address = url.Address;
        for (var hop = 0; hop <= limits.MaxRedirects; hop++)
        {
            var response = await SendAsync(url, address, offset, validator, both.Token, cancellationToken);
            if (!IsRedirect(response.StatusCode))
                return response;

            using (response)
                address = Next(url, address, response.Headers.Location);
            silence.CancelAfter(limits.IdleTimeout);
        }

        throw FetchFailures.Refused(url, $"the server redirects more than {limits.MaxRedirects} times.");
    }

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private async Task<HttpResponseMessage> SendAsync(
        FetchUrl url, Uri address, long offset, string? validator, CancellationToken timed, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("DataPlatform", null));
        request.Headers.Accept.ParseAdd("*/*");
        request.Headers.AcceptEncoding.ParseAdd("identity");
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
            request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        try
        {
            return await http.SendAsync(request, timed);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchInterruptedException("its server did not answer in time", fault);
        }
        catch (HttpRequestException fault) when (fault.InnerException is FetchRefusedException)
        {
            throw FetchFailures.AddressRefused(url.Shown);
        }
        catch (HttpRequestException fault) when (fault.InnerException is AuthenticationException)
        {
            throw FetchFailures.Refused(url, "the server has no certificate for this name that is trusted.");
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded)
        {
            throw FetchFailures.Refused(url, $"the server's answer has more than {limits.MaxHeaderKilobytes} KiB of headers.");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new FetchInterruptedException("its server did not answer", fault);
        }
    }

    private Uri Next(FetchUrl url, Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out var next))
            throw FetchFailures.Refused(url, "the server redirects to nowhere.");
        return policy.Follows(from, next) ? next : throw FetchFailures.AddressRefused(url.Shown);
    }
}
