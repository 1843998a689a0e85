using System.Text;
using System.Text.Json;

namespace DataPlatform.Ingestion.CloudEvents;

public sealed class CloudEventTests
{
    [Theory]
    [InlineData("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("%25", "%")]
    [InlineData("100% sure", "100% sure")]
    [InlineData("%2", "%2")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("\"quoted \\\" and \\\\ %41\"", "quoted \" and \\ A")]
    [InlineData(" padded ", "padded")]
    [InlineData("münchen", "münchen")]
    public void Header_values_are_unquoted_and_percent_decoded_once(string header, string expected)
    {
        Assert.True(CloudEventHeaders.TryDecode(header, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("%C0%A0")]
    [InlineData("%E2%82")]
    [InlineData("%FF")]
    [InlineData("%ED%A0%80")]
    public void Header_values_that_are_not_UTF8_are_refused(string header) => Assert.False(CloudEventHeaders.TryDecode(header, out _));

    [Theory]
    [InlineData("https://github.com/cloudevents", true)]
    [InlineData("mailto:cncf-wg-serverless@lists.cncf.io", true)]
    [InlineData("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true)]
    [InlineData("cloudevents/spec/pull/123", true)]
    [InlineData("/sensors/tn-1234567/alerts", true)]
    [InlineData("1-555-123-4567", true)]
    [InlineData("//host/%41#part", true)]
    [InlineData("a?b:c", true)]
    [InlineData("has space", false)]
    [InlineData("1:2", false)]
    [InlineData("%4", false)]
    [InlineData("a#b#c", false)]
    [InlineData("müller", false)]
    [InlineData("a|b", false)]
    [InlineData(":", false)]
    public void Sources_are_URI_references(string text, bool expected) => Assert.Equal(expected, CloudEventAttributes.IsUriReference(text));

    [Theory]
    [InlineData("2018-04-05T17:31:00Z", true)]
    [InlineData("2018-04-05t17:31:00.123456789+01:00", true)]
    [InlineData("2016-12-31T23:59:60Z", true)]
    [InlineData("2018-02-29T00:00:00Z", false)]
    [InlineData("2018-04-05 17:31:00Z", false)]
    [InlineData("2018-04-05T17:31:00", false)]
    [InlineData("2018-04-05T24:00:00Z", false)]
    [InlineData("2018-04-05T17:31:61Z", false)]
    [InlineData("2018-04-05T17:31:00+24:00", false)]
    public void Times_are_RFC_3339(string text, bool expected) => Assert.Equal(expected, CloudEventAttributes.IsTimestamp(text));

    /// <summary>The first example of the JSON format's section 3.2.</summary>
    [Fact]
    public void The_example_of_the_JSON_format_is_read()
    {
        var read = Read("""
            { "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "subject": null, "id" : "C234-1234-1234",
              "time" : "2018-04-05T17:31:00Z", "comexampleextension1" : "value", "comexampleothervalue" : 5, "unsetextension": null,
              "datacontenttype" : "application/json", "data" : { "appinfoA" : "abc", "appinfoB" : 123, "appinfoC" : true } }
            """);
        Assert.Equal(("C234-1234-1234", "/mycontext", CloudEventData.Json), (read.Id, read.Source, read.Form));
        Assert.Equal("5", read.Attributes["comexampleothervalue"]);
        Assert.Equal(
            ["comexampleextension1", "comexampleothervalue", "datacontenttype", "id", "source", "specversion", "time", "type"],
            read.Attributes.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""", "id", "The event has no 'id'")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""", "source", "The event has no 'source'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s"}""", "type", "The event has no 'type'")]
    [InlineData("""{"id":"1","source":"/s","type":"t"}""", "specversion", "The event has no 'specversion'")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""", "specversion", "not '1.0'")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t"}""", "id", "is empty")]
    [InlineData("""{"specversion":"1.0","id":7,"source":"/s","type":"t"}""", "id", "is not a text")]
    [InlineData("""{"specversion":"1.0","id":null,"source":"/s","type":"t"}""", "id", "The event has no 'id'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"not a uri","type":"t"}""", "source", "URI-reference")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}""", "time", "RFC 3339")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"/relative"}""", "dataschema", "absolute URI")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"json"}""", "datacontenttype", "media type")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":""}""", "subject", "leave it out")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myExtension":"x"}""", null, "lowercase letters and digits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","my_extension":"x"}""", null, "lowercase letters and digits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":{"a":1}}""", "ext", "belongs into 'data'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":1.5}""", "ext", "whole number")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":2147483648}""", "ext", "whole number")]
    [InlineData("""{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}""", "id", "twice")]
    [InlineData("""{"specversion":"1.0","id":"a\u0007","source":"/s","type":"t"}""", "id", "control character")]
    [InlineData("""{"specversion":"1.0","id":"a\ud800","source":"/s","type":"t"}""", "id", "half of a surrogate pair")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{},"data_base64":""}""", null, "both")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":{}}""", null, "not a text")]
    [InlineData("[]", null, "a JSON object")]
    public void What_is_no_event_is_told_by_attribute(string json, string? attribute, string message)
    {
        var fault = Assert.Throws<CloudEventException>(() => Read(json));
        Assert.Equal(attribute, fault.Attribute);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("application/json", true)]
    [InlineData("text/json; charset=utf-8", true)]
    [InlineData("application/vnd.orders+json", true)]
    [InlineData("text/plain", false)]
    [InlineData("application/xml", false)]
    public void Data_is_JSON_by_its_type_or_without_one(string? type, bool expected) => Assert.Equal(expected, CloudEvent.IsJson(type));

    [Fact]
    public void Source_and_id_cannot_run_together()
    {
        Assert.NotEqual(CloudEvent.KeyOf("/a", "b c"), CloudEvent.KeyOf("/a", "b  c"));
        Assert.NotEqual(CloudEvent.KeyOf("/a", "bc"), CloudEvent.KeyOf("/ab", "c"));
        Assert.Equal(32, CloudEvent.KeyOf("/a", "b").Length);
    }

    internal static CloudEvent Read(string json) => CloudEvent.Read(Encoding.UTF8.GetBytes(json), JsonDepth);

    private const int JsonDepth = 64;
}
