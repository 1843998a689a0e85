using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataPlatform.Local.Runtime.Http;

internal static class HttpServices
{
    /// <summary>Always there: routing and the server's side of HTTP.</summary>
    public static IServiceCollection AddHttpServer(this IServiceCollection services, CorsSettings cors)
    {
        services.AddSingleton(cors);
        cors.Add(services);
        services.AddRoutingCore();
        services.AddSingleton<HttpRoutes>();
        services.AddSingleton<RequestLimit>();
        services.AddSingleton<HostAnswers>();
        services.AddSingleton<HttpDispatcher>();
        services.AddSingleton<IFunctionValidator, HttpFunctionValidator>();
        services.AddSingleton<IParameterBinder, HttpBinder>();
        return services;
    }

    /// <summary>What <c>ConfigureFunctionsWebApplication</c> adds: ASP.NET Core's results.</summary>
    public static void AddHttpFunctions(this IServiceCollection services)
    {
        services.AddMvcCore();
        services.TryAddSingleton<HttpFunctionsMarker>();
    }

    public static void UseHttpFunctions(this WebApplication app)
    {
        app.Services.GetRequiredService<CorsSettings>().Use(app);
        app.Run(app.Services.GetRequiredService<HttpDispatcher>().HandleAsync);
    }
}
