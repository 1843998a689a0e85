using System.Globalization;
using System.Text;
using System.Xml;
using DataPlatform.EndToEnd.Tests.Judges;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;
using Microsoft.OData.Edm.Validation;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The OData library's own reader, with all its checks, as judge over what <c>/odata</c> answers.</summary>
public sealed class ODataJudgeTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private const int Rows = 100_000;

    private readonly PlatformApi _api = new(platform.Client);
    private readonly string _set = PlatformFixture.NewName("readings");

    [Fact]
    public async Task Service_metadata_and_a_hundred_thousand_entities_over_pages_are_as_the_standard_has_them()
    {
        await DefineAsync();

        var model = await ModelAsync();
        Assert.True(model.Validate(out var mistakes), string.Join("; ", mistakes.Select(mistake => mistake.ErrorMessage)));
        var set = model.EntityContainer.FindEntitySet(_set);
        Assert.Equal(["_key"], set.EntityType.Key().Select(key => key.Name));

        using (var service = await SendAsync("/odata", "application/json"))
        using (var reader = new ODataMessageReader(await ODataMessage.OfAsync(service), Checks(), model))
            Assert.Contains((await reader.ReadServiceDocumentAsync()).EntitySets, known => known.Name == _set);

        foreach (var accept in (string[])["application/json;odata.metadata=minimal;q=1.0,application/xml;q=0.7", "application/json;odata.metadata=full", "application/json;IEEE754Compatible=true"])
            await ReadAllAsync(model, set, accept);
    }

    private async Task ReadAllAsync(IEdmModel model, IEdmEntitySet set, string accept)
    {
        var (ids, keys, sum) = (new HashSet<long>(), new HashSet<string>(StringComparer.Ordinal), 0m);
        for (var link = $"/odata/{_set}?$count=true"; link is not null;)
        {
            using var answer = await SendAsync(link, accept);
            using var reader = new ODataMessageReader(await ODataMessage.OfAsync(answer), Checks(), model);
            var entities = await reader.CreateODataResourceSetReaderAsync(set, set.EntityType);
            link = null;
            while (await entities.ReadAsync())
            {
                if (entities is { State: ODataReaderState.ResourceEnd, Item: ODataResource entity })
                {
                    var values = entity.Properties.OfType<ODataProperty>().ToDictionary(property => property.Name, property => property.Value);
                    Assert.True(ids.Add((long)values["id"]));
                    Assert.True(keys.Add((string)values["_key"]));
                    sum += (decimal?)values["amount"] ?? 0;
                    Assert.IsType<DateTimeOffset>(values["at"]);
                }
                else if (entities is { State: ODataReaderState.ResourceSetEnd, Item: ODataResourceSet page })
                {
                    Assert.Equal(Rows, page.Count);
                    link = page.NextPageLink?.ToString();
                }
            }
        }

        Assert.Equal(Rows, ids.Count);
        Assert.Equal(Enumerable.Range(0, Rows).Where(id => id % 11 != 0).Sum(id => (id % 1_000) / 100m), sum);
    }

    private async Task<IEdmModel> ModelAsync()
    {
        using var answer = await SendAsync("/odata/$metadata", "application/json;q=1.0,application/xml;q=0.7");
        using var xml = XmlReader.Create(await answer.Content.ReadAsStreamAsync());
        return CsdlReader.TryParse(xml, out var model, out var mistakes)
            ? model
            : throw new InvalidOperationException(string.Join("; ", mistakes.Select(mistake => mistake.ErrorMessage)));
    }

    private static ODataMessageReaderSettings Checks() => new() { Validations = ValidationKinds.All, EnableMessageStreamDisposal = true, MessageQuotas = { MaxReceivedMessageSize = 1L << 30 } };

    private async Task DefineAsync()
    {
        await _api.PutAsync("datasets", _set, """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "at", "type": "timestamp"}, {"name": "day", "type": "date"}, {"name": "site", "type": "string"}, {"name": "amount", "type": "decimal(10,2)"},
                          {"name": "level", "type": "float64"}, {"name": "small", "type": "int32"}, {"name": "good", "type": "bool"} ],
              "key": ["id"], "writeDisposition": "merge" }
            """);
        var csv = new StringBuilder("id,at,day,site,amount,level,small,good\n");
        for (var id = 0; id < Rows; id++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{id},2026-01-{1 + (id % 28):00}T04:05:06.{id % 1000:000}Z,2026-02-{1 + (id % 28):00},\"s {id % 13} é \"\"q\"\"\",{(id % 11 == 0 ? "" : ((id % 1_000) / 100m).ToString("0.00", CultureInfo.InvariantCulture))},{(id % 7 == 0 ? "" : (id / 8.0).ToString(CultureInfo.InvariantCulture))},{id % 100},{(id % 2 == 0 ? "true" : "false")}\n");
        }

        await _api.IngestAsync(_set, csv.ToString());
    }

    private async Task<HttpResponseMessage> SendAsync(string address, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("OData-MaxVersion", "4.0");
        request.Headers.TryAddWithoutValidation("MaxDataServiceVersion", "3.0");
        var answer = await _api.Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{address}: {(int)answer.StatusCode}");
        Assert.Equal("4.0", answer.Headers.GetValues("OData-Version").Single());
        return answer;
    }
}
