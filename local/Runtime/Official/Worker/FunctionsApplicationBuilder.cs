using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly LocalHostBuilder _builder;

    internal FunctionsApplicationBuilder(RuntimeOptions options)
    {
        _builder = new LocalHostBuilder(options);
    }

    public IServiceCollection Services => _builder.Web.Services;

    public ConfigurationManager Configuration => _builder.Web.Configuration;

    public IHostEnvironment Environment => _builder.Web.Environment;

    public ILoggingBuilder Logging => _builder.Web.Logging;

    public IMetricsBuilder Metrics => _builder.Web.Metrics;

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_builder.Web).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _builder.Middleware.Add(middleware);
        return this;
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory,
        Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_builder.Web).ConfigureContainer(factory, configure);

    public IHost Build() => _builder.Build();
}
