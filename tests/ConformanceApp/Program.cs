using DataPlatform.ConformanceApp.Http;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = FunctionsApplication.CreateBuilder(args);

builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<OuterMiddleware>();
builder.UseMiddleware<InnerMiddleware>();

builder.Services
    .AddSingleton(TimeProvider.System)
    .AddSingleton<Observations>()
    .AddSingleton<Gates>()
    .AddSingleton<ILoggerProvider, ObservedLogs>();

builder.Build().Run();
