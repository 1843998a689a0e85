namespace DataPlatform.Platform.Tests.Catalog;

/// <summary>The documents of the flights demo, as the design has them.</summary>
internal static class Documents
{
    public const string Flights = """
        { "name": "flights", "description": "US domestic flights", "writeDisposition": "append",
          "fields": [
            {"name": "date",        "type": "timestamp", "required": true},
            {"name": "delay",       "type": "int32",     "unit": "min", "min": -1440, "max": 2880},
            {"name": "distance",    "type": "int32",     "unit": "mi", "min": 0},
            {"name": "origin",      "type": "string",    "required": true, "pattern": "^[A-Z0-9]{3}$"},
            {"name": "destination", "type": "string",    "required": true} ],
          "key": [], "onUnexpected": "quarantine", "partitionBy": [] }
        """;

    public const string FlightsEnriched = """
        { "name": "flights-enriched",
          "steps": [ { "name": "enrich", "target": "fact_flights", "mode": "append", "parallel": "files",
                       "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin",
                       "expectations": [ {"name": "known_state", "condition": "state IS NOT NULL", "onFail": "warn"} ] } ],
          "triggers": [ {"schedule": "0 * * * *", "timeZone": "Europe/Berlin"}, {"onChange": ["flights"]} ] }
        """;

    public const string DailyDelays = """
        { "name": "daily_delays", "source": "fact_flights",
          "dimensions": [ {"name": "day", "sql": "CAST(date AS DATE)"}, {"name": "origin"}, {"name": "state"} ],
          "measures":   [ {"name": "flights", "type": "count"}, {"name": "delay_sum", "type": "sum", "sql": "delay"},
                          {"name": "avg_delay", "type": "avg", "sql": "delay"}, {"name": "avg_distance", "type": "avg", "sql": "distance"} ],
          "partitionBy": ["day"], "triggers": [ {"onChange": ["fact_flights"]} ], "freshness": "PT1H" }
        """;

    public const string DeviceEvents = """
        { "name": "device-events", "description": "Events of devices", "dataset": "inbox", "priority": 10,
          "when": { "contentType": ["application/cloudevents*"], "minBytes": 1, "maxBytes": 1000, "source": ["urn:device:*"] },
          "service": "realtime", "to": "readings" }
        """;

    /// <summary>A contract with one field, and more members in front.</summary>
    public static string Dataset(string members = "", string field = """{"name":"id","type":"int64","required":true}""") =>
        $$"""{ {{(members.Length == 0 ? "" : members + ",")}} "fields": [{{field}}] }""";

    /// <summary>A contract with one field of a type and rules.</summary>
    public static string Field(string members) => Dataset(field: $$"""{"name":"x",{{members}}}""");

    /// <summary>A pipeline with one step and more members in it.</summary>
    public static string Step(string members) =>
        $$"""{ "steps": [{"name":"s","target":"t","sql":"SELECT 1"{{(members.Length == 0 ? "" : "," + members)}}}] }""";

    /// <summary>A pipeline with one trigger.</summary>
    public static string Trigger(string members) =>
        $$"""{ "steps": [{"name":"s","target":"t","sql":"SELECT 1"}], "triggers": [{ {{members}} }] }""";

    /// <summary>A route to the batch service.</summary>
    public static string Route(string members = "", string dataset = "rows") =>
        $$"""{ "dataset":"{{dataset}}", "service":"batch"{{(members.Length == 0 ? "" : "," + members)}} }""";

    public const string FlightsBoard = """
        { "name": "flights", "title": "Flights", "mart": "daily_delays", "refresh": "PT1M",
          "time": { "dimension": "day", "presets": ["P7D", "P30D"], "default": "P30D", "until": "data" },
          "filters": [ { "dimension": "state", "label": "State" } ],
          "tiles": [
            { "name": "flights", "type": "kpi", "measures": ["flights"], "better": "higher" },
            { "name": "by-month", "type": "area", "compute": "month(day) as month", "groupBy": ["month"], "measures": ["avg_delay"], "unit": "min", "decimals": 1, "width": 2 },
            { "name": "worst", "type": "bar", "groupBy": ["origin"], "measures": ["avg_delay"], "filter": "state ne null", "orderBy": "avg_delay desc", "top": 10 } ] }
        """;

    /// <summary>A dashboard with one tile.</summary>
    public static string Board(string members = "", string tile = """{"name":"t","type":"kpi","measures":["n"]}""") =>
        $$"""{ "mart":"m", "tiles":[{{tile}}]{{(members.Length == 0 ? "" : "," + members)}} }""";

    /// <summary>A dashboard whose tile has a type and more members.</summary>
    public static string Tile(string type, string members) => Board(tile: $$"""{"name":"t","type":"{{type}}",{{members}}}""");

    /// <summary>A mart with one dimension, one measure and more members.</summary>
    public static string Mart(string members = "", string dimension = """{"name":"day"}""", string measure = """{"name":"n","type":"count"}""") =>
        $$"""{ "source":"src", "dimensions":[{{dimension}}], "measures":[{{measure}}]{{(members.Length == 0 ? "" : "," + members)}} }""";
}
