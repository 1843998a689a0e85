using DataPlatform.App.Catalog;
using DataPlatform.App.Operations;
using DataPlatform.Serving.Warehouse;
using DataPlatform.Tables;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// The same program is the process that runs the SQL of callers.
if (args is [QueryWorker.Argument, ..])
    return await QueryWorker.RunAsync(args);

var builder = FunctionsApplication.CreateBuilder(args);

builder.ConfigureFunctionsWebApplication();
builder.UseGateway(typeof(Program).Assembly.GetExportedTypes());

// Reads as the data path.
builder.Services
    .AddGateway()
    .AddCatalog()
    .AddDefinitionRoutes()
    .AddOperations()
    .AddRunRoutes()
    .AddTriggers()
    .AddIngestion()
    .AddIngestRoutes()
    .AddStreaming()
    .AddOperational()
    .AddProcessing()
    .AddAggregation()
    .AddWarehouse()
    .AddServing()
    .AddOData()
    .AddDashboards()
    .AddTableRoutes()
    .AddFiles()
    .AddLakeRoutes()
    .AddTables()
    .AddSql()
    .AddLake();

builder.AddHostAdapters();
builder.Build().Run();
return 0;
