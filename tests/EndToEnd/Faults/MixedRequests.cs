using System.Text;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>Makes the requests of the mixed load: batches, requests that are loaded later, upload sessions, single rows, events, the one entry. Thread-safe.</summary>
internal sealed class MixedRequests
{
    private const int MaxRows = 20;
    private int _number;

    public MixedRequest Next(Random random, bool retries) => random.Next(16) switch
    {
        < 4 => Order("batches", random, retries),
        < 6 => Order("batches", random, retries) with { Later = true },
        6 => Order("batches", random, retries) with { Session = true, Key = null },
        < 9 => Record("records", random, retries),
        9 => Record("", random, retries),
        10 => Order("", random, retries),
        < 13 => Events(random, retries),
        13 => Devices(random, retries),
        _ => Readings(random, retries),
    };

    /// <summary>Rows of which some are broken, as CSV or NDJSON.</summary>
    private MixedRequest Order(string route, Random random, bool retries)
    {
        var number = Interlocked.Increment(ref _number);
        var rows = Ids(number, random.Next(1, MaxRows)).ToLookup(_ => random.Next(10) == 0);
        var isCsv = random.Next(2) == 0;
        var body = new StringBuilder(isCsv ? "id,bucket,amount\n" : "");
        foreach (var id in rows[false].Concat(rows[true]).OrderBy(id => (id * 31) % 17))
        {
            var amount = rows[true].Contains(id) ? isCsv ? "-" : "\"-\"" : $"{id % 1000}";
            body.Append(isCsv ? $"{id},{id % 7},{amount}\n" : $"{{\"id\":{id},\"bucket\":{id % 7},\"amount\":{amount}}}\n");
        }

        return new MixedRequest(number, "orders", Address("orders", route), isCsv ? "text/csv" : "application/x-ndjson", body.ToString(), retries)
        {
            Key = KeyOf(number, random, retries),
            Good = [.. rows[false]],
            Bad = [.. rows[true]],
        };
    }

    private MixedRequest Record(string route, Random random, bool retries)
    {
        var number = Interlocked.Increment(ref _number);
        var id = Ids(number, 1).Single();
        return new MixedRequest(number, "orders", Address("orders", route), "application/json", $$"""{"id":{{id}},"bucket":{{id % 7}},"amount":{{id % 1000}}}""", retries)
        {
            Key = KeyOf(number, random, retries),
            Good = [id],
        };
    }

    /// <summary>Events, told apart by source and id: a repeat has no key.</summary>
    private MixedRequest Events(Random random, bool retries)
    {
        var number = Interlocked.Increment(ref _number);
        var ids = Ids(number, random.Next(1, MaxRows)).ToLookup(_ => random.Next(10) == 0);
        var route = random.Next(3) switch { 0 => "", 1 => "records", _ => "batches" };
        var events = ids.SelectMany(group => group).Order().Select(id =>
            $$$"""{"specversion":"1.0","type":"t","source":"/faults","id":"{{{id}}}","data":{"id":{{{id}}},"amount":{{{(ids[true].Contains(id) ? "\"-\"" : "1")}}}}}""");
        return new MixedRequest(number, "events", Address("events", route), "application/cloudevents-batch+json", $"[{string.Join(',', events)}]", retries)
        {
            Good = [.. ids[false]],
            Bad = [.. ids[true]],
        };
    }

    /// <summary>Keys that others send too, of which each counts once.</summary>
    private MixedRequest Devices(Random random, bool retries)
    {
        var number = Interlocked.Increment(ref _number);
        var ids = Enumerable.Range(0, random.Next(1, MaxRows)).Select(_ => (long)random.Next(number)).ToList();
        return new MixedRequest(number, "devices", Address("devices", "batches"), "text/csv", "id,amount\n" + string.Concat(ids.Select(id => $"{id},1\n")), retries)
        {
            Key = KeyOf(number, random, retries),
            Good = ids,
        };
    }

    /// <summary>Rows of a few keys in any order.</summary>
    private MixedRequest Readings(Random random, bool retries)
    {
        var number = Interlocked.Increment(ref _number);
        var ids = Ids(number, random.Next(1, MaxRows)).ToList();
        var early = random.Next(3) == 0 ? 0 : 1_000_000;
        return new MixedRequest(number, "readings", Address("readings", "batches"), "text/csv", "id,device,position\n" + string.Concat(ids.Select(id => $"{id},{id % 11},{early + id}\n")), retries)
        {
            Key = KeyOf(number, random, retries),
            Good = ids,
        };
    }

    private static string Address(string dataset, string route) => $"/api/v1/ingest/{dataset}{(route.Length == 0 ? "" : "/")}{route}";

    private static string? KeyOf(int number, Random random, bool retries) => retries || random.Next(2) == 0 ? $"request-{number}" : null;

    private static IEnumerable<long> Ids(int number, int rows) => Enumerable.Range(0, rows).Select(row => (number * 100L) + row);
}
