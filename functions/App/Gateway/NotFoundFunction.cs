using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Gateway;

/// <summary>Answers what no other function does. Its name sorts last, for hosts take the first match by name.</summary>
public sealed class NotFoundFunction(ApiRoutes routes, WebhookHandshake webhooks)
{
    /// <summary>404 for an unknown address, 405 for a known one with another method, and OPTIONS, by which senders of CloudEvents ask for leave.</summary>
    [Function("zNotFound")]
    [ApiRoute(ApiRouteAttribute.Public)]
    public IResult Answer([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request)
    {
        var methods = routes.MethodsOf(request.Path);
        if (methods.Count == 0)
            throw new TerminalException(FailureKind.NotFound, "AddressNotFound", $"There is nothing at {request.Path}.", "path");
        if (!HttpMethods.IsOptions(request.Method))
            throw new MethodNotAllowedException(request.Method, request.Path, methods);

        if (routes.TakesEvents(request.Path) && webhooks.Answer(request.Headers) is { } granted)
            return new EmptyAnswer(StatusCodes.Status200OK) { Headers = granted };

        return new EmptyAnswer(StatusCodes.Status204NoContent)
        {
            Headers = new Dictionary<string, string> { ["Allow"] = string.Join(", ", methods.Append(HttpMethods.Options)) },
        };
    }
}
