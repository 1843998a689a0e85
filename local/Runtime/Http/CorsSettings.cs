using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Which web sites' pages may call: <c>--cors</c>, or <c>Host.CORS</c> of local.settings.json, as Core Tools have it. None by default.
/// In Azure it is a setting of the app's resource.</summary>
internal sealed record CorsSettings(string[] Origins, bool Credentials)
{
    public static CorsSettings Read(IConfiguration configuration, StartErrors errors)
    {
        var origins = (configuration["cors"] ?? configuration["LocalRuntime:Cors"] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var credentials = string.Equals(configuration["LocalRuntime:CorsCredentials"], "true", StringComparison.OrdinalIgnoreCase);
        if (credentials && origins.Contains("*"))
        {
            errors.AddSetting("Host.CORS", "every web site and credentials do not go together", "name the sites, or remove CORSCredentials");
            credentials = false;
        }

        foreach (var origin in origins.Where(o => o != "*" && (!Uri.TryCreate(o, UriKind.Absolute, out var uri) || uri.PathAndQuery != "/" || o.EndsWith('/'))))
        {
            errors.AddSetting("Host.CORS", $"'{origin}' is not an origin", "write scheme://host:port, without a slash at its end");
        }

        return new CorsSettings(origins, credentials);
    }

    public void Add(IServiceCollection services)
    {
        if (Origins.Length > 0)
        {
            services.AddCors();
        }
    }

    /// <summary>Answers preflight requests before any function, and marks the other answers.</summary>
    public void Use(IApplicationBuilder app)
    {
        if (Origins.Length == 0)
        {
            return;
        }

        app.UseCors(policy =>
        {
            policy.WithOrigins(Origins).AllowAnyHeader().AllowAnyMethod();
            if (Credentials)
            {
                policy.AllowCredentials();
            }
        });
    }
}
