using DataPlatform.Local.Runtime.Http;

namespace Microsoft.Azure.Functions.Worker.Builder;

public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets HTTP functions use ASP.NET Core's request and results. Middleware added after this sees the
    /// <c>HttpContext</c>; results are written outside of it.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        builder.Services.AddHttpFunctions();
        builder.Use(HttpInvocation.Middleware);
        return builder;
    }
}
