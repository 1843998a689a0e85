using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>Routes that overlap: which one answers is what the tests ask. Names are chosen for their order.</summary>
public sealed class RouteFunctions
{
    [Function("Routes_b_general")]
    public IResult General([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/things/{name}")] HttpRequest request, string name) =>
        Say(request, "general", name);

    [Function("routes_c_special")]
    public IResult Special([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/things/special")] HttpRequest request) =>
        Say(request, "special");

    [Function("routes_a_number")]
    public IResult Number([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/things/{number:int}")] HttpRequest request, string number) =>
        Say(request, "number", number);

    [Function("routes_posted")]
    public IResult Posted([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "routes/posted")] HttpRequest request) =>
        Say(request, "posted");

    [Function("routes_same_get")]
    public IResult SameGet([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/same")] HttpRequest request) => Say(request, "same get");

    [Function("routes_head_and_options")]
    public IResult HeadAndOptions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "routes/head-and-options")] HttpRequest request) =>
        Say(request, "head and options");

    [Function("routes_optional")]
    public IResult Optional([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/optional/{part?}")] HttpRequest request, string? part) =>
        Say(request, "optional", part);

    [Function("routes_standard")]
    public IResult Standard([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/standard/{part=usual}")] HttpRequest request, string part) =>
        Say(request, "standard", part);

    [Function("routes_guid")]
    public IResult Guid([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/constraints/{id:guid}")] HttpRequest request, string id) =>
        Say(request, "guid", id);

    [Function("routes_range")]
    public IResult Range([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/constraints/{id:range(10,20)}")] HttpRequest request, string id) =>
        Say(request, "range", id);

    [Function("routes_text")]
    public IResult Text(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/constraints/{id:alpha:length(2,4)}")] HttpRequest request, string id) =>
        Say(request, "text", id);

    [Function("routes_pattern")]
    public IResult Pattern(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/constraints/{id:regex(^x-\\d+$)}")] HttpRequest request, string id) =>
        Say(request, "pattern", id);

    [Function("routes_two_parts")]
    public IResult TwoParts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/files/{name}.{extension}")] HttpRequest request, string name, string extension) =>
        Say(request, "two parts", $"{name}|{extension}");

    [Function("routes_rest")]
    public IResult Rest([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/rest/{*path}")] HttpRequest request, string? path) =>
        Say(request, "rest", path);

    [Function("routes_all_one")]
    public IResult AllOne([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/all/one")] HttpRequest request) => Say(request, "all one");

    /// <summary>Named to sort behind <c>routes_all_one</c>, and without methods: it gets whatever nobody else takes.</summary>
    [Function("routes_zz_all")]
    public IResult All([HttpTrigger(AuthorizationLevel.Anonymous, Route = "routes/all/{*path}")] HttpRequest request, string? path) =>
        Say(request, "all", path);

    [Function("routes_zz_root")]
    public IResult Root([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{root:regex(^$)?}")] HttpRequest request) => Say(request, "root");

    [Function("routesByName")]
    public IResult ByName([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Say(request, "by name");

    private static IResult Say(HttpRequest request, string function, string? values = null) =>
        Results.Json(new Seen(function, values, request.Method, request.Path.Value ?? "", request.QueryString.Value ?? ""));
}
