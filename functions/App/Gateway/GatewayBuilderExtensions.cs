using DataPlatform.App.Gateway;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

internal static class GatewayBuilderExtensions
{
    /// <summary>Puts the gateway before all functions. To be called after <c>ConfigureFunctionsWebApplication</c>.</summary>
    /// <param name="functions">The classes of the app's functions.</param>
    public static void UseGateway(this FunctionsApplicationBuilder builder, IEnumerable<Type> functions)
    {
        builder.Services.AddSingleton(new ApiRoutes(functions));

        // The server would answer 500 without a body; the gateway limits bodies itself, and answers 413.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.UseMiddleware<GatewayMiddleware>();
    }
}
