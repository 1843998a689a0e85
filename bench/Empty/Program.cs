// The least that ASP.NET Core can do: what the start of the platform is held against.
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => "up");
await app.StartAsync();
Console.WriteLine($"Listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
