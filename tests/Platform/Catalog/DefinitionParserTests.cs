using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Catalog;

public sealed class DefinitionParserTests
{
    [Fact]
    public void A_contract_becomes_a_definition()
    {
        var definition = Parse<DatasetDefinition>(Documents.Flights, "flights");

        Assert.Equal("flights", definition.Name);
        Assert.Equal("US domestic flights", definition.Description);
        Assert.Equal(["date", "delay", "distance", "origin", "destination"], definition.Fields.Select(field => field.Name));
        Assert.Equal(FieldType.Timestamp, definition.Fields[0].Type);
        Assert.True(definition.Fields[0].Required);
        Assert.Equal(("-1440", "2880", "min"), (definition.Fields[1].Min?.Text, definition.Fields[1].Max?.Text, definition.Fields[1].Unit));
        Assert.Equal("^[A-Z0-9]{3}$", definition.Fields[3].Pattern);
        Assert.Equal(new UnexpectedRules(UnexpectedPolicy.Quarantine, UnexpectedPolicy.Quarantine), definition.OnUnexpected);
        Assert.Equal("UTC", definition.TimeZone);
    }

    [Fact]
    public void A_pipeline_becomes_a_definition()
    {
        var definition = Parse<PipelineDefinition>(Documents.FlightsEnriched, "flights-enriched");

        var step = Assert.Single(definition.Steps);
        Assert.Equal(("enrich", "fact_flights", StepMode.Append, StepParallelism.Files), (step.Name, step.Target, step.Mode, step.Parallel));
        Assert.Equal(new ExpectationDefinition("known_state", "state IS NOT NULL"), Assert.Single(step.Expectations));
        Assert.Equal(("0 * * * *", "Europe/Berlin"), (definition.Triggers[0].Schedule, definition.Triggers[0].TimeZone));
        Assert.Equal(["flights"], definition.Triggers[1].OnChange);
    }

    [Fact]
    public void A_mart_becomes_a_definition()
    {
        var definition = Parse<MartDefinition>(Documents.DailyDelays, "daily_delays");

        Assert.Equal("fact_flights", definition.Source);
        Assert.Equal([new("day", "CAST(date AS DATE)"), new("origin"), new("state")], definition.Dimensions);
        Assert.Equal(new MeasureDefinition("flights", MeasureType.Count), definition.Measures[0]);
        Assert.Equal(new MeasureDefinition("delay_sum", MeasureType.Sum, "delay"), definition.Measures[1]);
        Assert.Equal(["day"], definition.PartitionBy);
        Assert.Equal("PT1H", definition.Freshness);
    }

    [Fact]
    public void A_dashboard_becomes_a_definition()
    {
        var definition = Parse<DashboardDefinition>(Documents.FlightsBoard, "flights");

        Assert.Equal(("Flights", "PT1M"), (definition.Title, definition.Refresh));
        Assert.Equal(("day", "P30D", TimeEnd.Data), (definition.Time!.Dimension, definition.Time.Default, definition.Time.Until));
        Assert.Equal(new DashboardFilter("state", "State"), Assert.Single(definition.Filters));
        Assert.Equal([TileType.Kpi, TileType.Area, TileType.Bar], definition.Tiles.Select(tile => tile.Type));
        Assert.Equal(("month(day) as month", 1, 2), (definition.Tiles[1].Compute, definition.Tiles[1].Decimals, definition.Tiles[1].Width));
        Assert.Equal(("state ne null", "avg_delay desc", 10), (definition.Tiles[2].Filter, definition.Tiles[2].OrderBy, definition.Tiles[2].Top));
        Assert.All(definition.Tiles, tile => Assert.Equal("daily_delays", definition.MartOf(tile)));
    }

    [Fact]
    public void What_is_left_out_takes_its_default_and_the_name_comes_from_the_address()
    {
        var definition = Parse<DatasetDefinition>(Documents.Dataset(), "rows");

        Assert.Equal("rows", definition.Name);
        Assert.Equal(WriteDisposition.Append, definition.WriteDisposition);
        Assert.Empty(definition.Key);
        Assert.Empty(definition.PartitionBy);
        Assert.Null(definition.Fields[0].Enum);
        Assert.Equal("id", definition.Fields[0].InputName);
    }

    [Fact]
    public void Decimals_have_digits()
    {
        var field = Parse<DatasetDefinition>(Documents.Field("\"type\":\"decimal(10,2)\",\"min\":-99999999.99"), "rows").Fields[0];

        Assert.Equal((FieldType.Decimal, 10, 2, "-99999999.99"), (field.Type, field.Precision, field.Scale, field.Min?.Text));
        Assert.Equal("decimal(10,2)", FieldTypeName.Of(field));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_place_and_fix()
    {
        var exception = Fails<DatasetDefinition>(
            """
            { "name": "other", "descripton": 1, "writeDisposition": "upsert", "fields": [
                {"name": "a", "type": "int23"},
                {"name": "_batch", "type": "string"},
                {"name": "c", "type": "int32", "min": 5, "max": 1, "pattern": "("},
                {"name": "C", "type": "string", "required": "yes"},
                17 ],
              "key": ["c", "nope"], "timeZone": "Mars/Base" }
            """);

        Assert.Equal((FailureKind.Invalid, "InvalidDefinition"), (exception.Kind, exception.Code));
        Assert.Equal(
            [
                "$.descripton UnknownMember", "$.fields[0].type InvalidType", "$.fields[1].name ReservedName", "$.fields[2].min OutOfRange",
                "$.fields[2].pattern InvalidPattern", "$.fields[2].pattern NotApplicable", "$.fields[3].name DuplicateName",
                "$.fields[3].required WrongKind", "$.fields[4] WrongKind", "$.key[0] KeyNotRequired", "$.key[1] UnknownField",
                "$.name NameMismatch", "$.timeZone InvalidTimeZone", "$.writeDisposition UnknownValue",
            ],
            exception.Details.Select(detail => $"{detail.Target} {detail.Code}").Order(StringComparer.Ordinal));
        Assert.Contains("14 mistakes", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'description'?", Message(exception, "UnknownMember"), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'int32'?", Message(exception, "InvalidType"), StringComparison.Ordinal);
        Assert.Contains("Use 'append', 'replace' or 'merge'.", Message(exception, "UnknownValue"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"fields\": [,]\n}", "line 2, byte 14")]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{} {}", "line 1, byte 4")]
    [InlineData("{\"a\":1,}", "line 1, byte 8")]
    [InlineData("{ // no\n}", "line 1, byte 3")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "line 1, byte 21")]
    public void Malformed_json_is_told_with_line_and_byte(string json, string place)
    {
        var exception = Fails<DatasetDefinition>(json);

        Assert.Equal((FailureKind.Invalid, "MalformedJson", place), (exception.Kind, exception.Code, exception.Target));
        Assert.DoesNotContain("LineNumber", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.Equal("MalformedJson", Assert.Throws<TerminalException>(
            () => DefinitionParser.Parse<DatasetDefinition>(new byte[] { (byte)'"', 0xFF, (byte)'"' }, "rows")).Code);

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.Equal("rows", Parse<DatasetDefinition>("\uFEFF" + Documents.Dataset(), "rows").Name);

    [Fact]
    public void A_document_over_the_limit_is_refused()
    {
        var exception = Fails<DatasetDefinition>(Documents.Dataset($"\"description\":\"{new string('x', DefinitionParser.MaxBytes)}\""));

        Assert.Equal((FailureKind.TooLarge, "DocumentTooLarge"), (exception.Kind, exception.Code));
    }

    [Theory]
    [MemberData(nameof(Mistaken))]
    public void Each_mistake_has_its_code_and_place(Type type, string json, string expected)
    {
        var exception = type == typeof(DatasetDefinition) ? Fails<DatasetDefinition>(json)
            : type == typeof(PipelineDefinition) ? Fails<PipelineDefinition>(json)
            : type == typeof(RouteDefinition) ? Fails<RouteDefinition>(json)
            : type == typeof(DashboardDefinition) ? Fails<DashboardDefinition>(json)
            : Fails<MartDefinition>(json);

        Assert.Equal([expected], exception.Details.Select(detail => $"{detail.Target} {detail.Code}"));
        Assert.All(exception.Details, detail => Assert.InRange(detail.Message.Length, 20, 700));
    }

    public static TheoryData<Type, string, string> Mistaken()
    {
        var data = new TheoryData<Type, string, string>();
        void Dataset(string json, string expected) => data.Add(typeof(DatasetDefinition), json, expected);
        void Pipeline(string json, string expected) => data.Add(typeof(PipelineDefinition), json, expected);
        void Mart(string json, string expected) => data.Add(typeof(MartDefinition), json, expected);
        void Route(string json, string expected) => data.Add(typeof(RouteDefinition), json, expected);
        void Board(string json, string expected) => data.Add(typeof(DashboardDefinition), json, expected);

        Dataset("[]", "$ WrongKind");
        Dataset("{}", "$.fields MissingMember");
        Dataset("""{"fields":[]}""", "$.fields TooFew");
        Dataset("""{"fields":null}""", "$.fields WrongKind");
        Dataset(Documents.Dataset("\"description\":null"), "$.description WrongKind");
        Dataset(Documents.Dataset("\"description\":\"a\",\"description\":\"b\""), "$.description DuplicateMember");
        Dataset(Documents.Dataset("\"de scr\":1"), "$['de scr'] UnknownMember");
        Dataset(Documents.Dataset("\"description\":\"\\ud800\""), "$.description InvalidText");
        Dataset(Documents.Dataset("\"\\ud800\":1"), "$ InvalidText");
        Dataset(Documents.Dataset("\"writeDisposition\":\"merge\""), "$.key MissingKey");
        Dataset(Documents.Dataset("\"operational\":true"), "$.key MissingKey");
        Dataset(Documents.Dataset("\"orderBy\":\"id\""), "$.orderBy NotApplicable");
        Dataset(Documents.Dataset("\"operational\":true,\"key\":[\"id\"],\"dedupe\":{\"window\":\"P7D\"}"), "$.dedupe NotApplicable");
        Dataset(Documents.Dataset("\"operational\":true,\"key\":[\"id\"],\"orderBy\":\"ix\""), "$.orderBy UnknownField");
        Dataset(Documents.Dataset("\"operational\":true,\"key\":[\"id\"],\"orderBy\":\"s\"", """{"name":"id","type":"int32","required":true},{"name":"s","type":"string","required":true}"""), "$.orderBy InvalidOrder");
        Dataset(Documents.Dataset("\"operational\":true,\"key\":[\"id\"],\"orderBy\":\"n\"", """{"name":"id","type":"int32","required":true},{"name":"n","type":"int32"}"""), "$.orderBy OrderNotRequired");
        Dataset(Documents.Dataset("\"operational\":true,\"key\":[\"x\"]", """{"name":"x","type":"float64","required":true}"""), "$.key[0] InvalidKey");
        Dataset(Documents.Dataset("\"key\":[\"id\",\"id\"]"), "$.key[1] DuplicateName");
        Dataset(Documents.Dataset("\"key\":[7]"), "$.key[0] WrongKind");
        Dataset(Documents.Dataset("\"partitionBy\":[\"id\"]"), "$.partitionBy InvalidPartition");
        Dataset(Documents.Dataset("\"partitionBy\":[\"ix\"]"), "$.partitionBy[0] UnknownField");
        Dataset(Documents.Dataset(field: $$"""{"name":"_a","type":"int32"},{"name":"b","type":"int32"}""", members: "\"partitionBy\":[\"_a\"]"), "$.partitionBy[0] InvalidPartition");
        Dataset(Documents.Dataset("\"timeZone\":\"../etc/passwd\""), "$.timeZone InvalidTimeZone");
        Dataset(Documents.Dataset(field: $$"""{"name":"a","type":"json"},{"name":"b","type":"int32"}""", members: "\"partitionBy\":[\"a\"]"), "$.partitionBy[0] InvalidPartition");
        Dataset(Documents.Dataset(field: """{"name":"a","type":"int32"},{"name":"b","type":"int32","source":"a"}"""), "$.fields[1].source DuplicateName");
        Dataset(Documents.Dataset(field: """{"type":"int32"}"""), "$.fields[0].name MissingMember");
        Dataset(Documents.Dataset(field: """{"name":"a b","type":"int32"}"""), "$.fields[0].name InvalidName");
        Dataset(Documents.Dataset(field: """{"name":"a\n","type":"int32"}"""), "$.fields[0].name InvalidName");
        Dataset(Documents.Field("\"type\":\"decimal\""), "$.fields[0].type InvalidType");
        Dataset(Documents.Field("\"type\":\"decimal(39,2)\""), "$.fields[0].type InvalidType");
        Dataset(Documents.Field("\"type\":\"decimal(5,6)\""), "$.fields[0].type InvalidType");
        Dataset(Documents.Field("\"type\":\"int32\",\"max\":2147483648"), "$.fields[0].max OutOfRange");
        Dataset(Documents.Field("\"type\":\"int64\",\"min\":0.5"), "$.fields[0].min OutOfRange");
        Dataset(Documents.Field("\"type\":\"decimal(4,2)\",\"max\":100"), "$.fields[0].max OutOfRange");
        Dataset(Documents.Field("\"type\":\"decimal(4,2)\",\"max\":1.005"), "$.fields[0].max OutOfRange");
        Dataset(Documents.Field("\"type\":\"float64\",\"max\":1e309"), "$.fields[0].max OutOfRange");
        Dataset(Documents.Field("\"type\":\"string\",\"max\":1"), "$.fields[0].max NotApplicable");
        Dataset(Documents.Field("\"type\":\"bool\",\"enum\":[\"1\"]"), "$.fields[0].enum NotApplicable");
        Dataset(Documents.Field("\"type\":\"int32\",\"enum\":[1.5]"), "$.fields[0].enum OutOfRange");
        Dataset(Documents.Field("\"type\":\"string\",\"enum\":[1]"), "$.fields[0].enum[0] WrongKind");
        Dataset(Documents.Field("\"type\":\"date\",\"min\":\"2026-02-30\""), "$.fields[0].min OutOfRange");
        Dataset(Documents.Field("\"type\":\"timestamp\",\"min\":\"2026-02-03T00:00Z\",\"max\":\"2026-02-02T00:00Z\""), "$.fields[0].min OutOfRange");
        Dataset(Documents.Field("\"type\":\"int32\",\"case\":\"lower\""), "$.fields[0].case NotApplicable");
        Dataset(Documents.Field("\"type\":\"string\",\"case\":\"Lower\""), "$.fields[0].case UnknownValue");
        Dataset(Documents.Field("\"type\":\"int32\",\"formats\":[\"yyyy\"]"), "$.fields[0].formats NotApplicable");
        Dataset(Documents.Field("\"type\":\"date\",\"formats\":[\"yyyy-MM\"]"), "$.fields[0].formats[0] InvalidFormat");
        Dataset(Documents.Field("\"type\":\"date\",\"formats\":[]"), "$.fields[0].formats TooFew");
        Dataset(Documents.Field("\"type\":\"date\",\"timeZone\":\"UTC\""), "$.fields[0].timeZone NotApplicable");
        Dataset(Documents.Field("\"type\":\"timestamp\",\"timeZone\":\"Mars\""), "$.fields[0].timeZone InvalidTimeZone");
        Dataset(Documents.Field("\"type\":\"int32\",\"default\":[1]"), "$.fields[0].default WrongKind");
        Dataset(Documents.Field("\"type\":\"int32\",\"expression\":\"\""), "$.fields[0].expression EmptyText");
        Dataset(Documents.Field("\"type\":\"int32\",\"nullTokens\":[\"-\",\"-\"]"), "$.fields[0].nullTokens[1] DuplicateName");
        Dataset(Documents.Dataset("\"raw\":\"none\"", """{"name":"x","type":"int32","pii":"hash"}"""), "$.fields[0].pii NotApplicable");
        Dataset(Documents.Dataset("", """{"name":"x","type":"string","pii":"hash"}"""), "$.raw RawHoldsPii");
        Dataset(Documents.Dataset("\"raw\":\"redacted\""), "$.raw NotApplicable");
        Dataset(Documents.Dataset("\"raw\":\"none\",\"onUnexpected\":\"evolve\"", """{"name":"x","type":"string","pii":"mask"}"""), "$.onUnexpected UnprotectedPii");
        Dataset(Documents.Dataset("\"raw\":\"none\",\"key\":[\"x\"]", """{"name":"x","type":"string","pii":"mask","required":true}"""), "$.key[0] KeyLosesValue");
        Dataset(Documents.Dataset("\"unique\":true"), "$.key MissingKey");
        Dataset(Documents.Dataset("\"dedupe\":{\"window\":\"P7D\"}"), "$.key MissingKey");
        Dataset(Documents.Dataset("\"dedupe\":{\"window\":\"P1M\"},\"key\":[\"id\"]"), "$.dedupe.window InvalidDuration");
        Dataset(Documents.Dataset("\"dedupe\":{},\"key\":[\"id\"]"), "$.dedupe.window MissingMember");
        Dataset(Documents.Dataset("\"dedupe\":{\"window\":\"P1D\"},\"key\":[\"id\"],\"writeDisposition\":\"replace\""), "$.dedupe NotApplicable");
        Dataset(Documents.Dataset("\"unique\":true,\"writeDisposition\":\"merge\",\"key\":[\"id\"]"), "$.unique NotApplicable");
        Dataset(Documents.Dataset("\"onUnexpected\":{\"types\":\"drop\"}"), "$.onUnexpected.types UnknownValue");
        Dataset(Documents.Dataset("\"onUnexpected\":{\"rows\":\"freeze\"}"), "$.onUnexpected.rows UnknownMember");
        Dataset(Documents.Dataset("\"onUnexpected\":{\"types\":\"evolve\"}", """{"name":"x","type":"int32"},{"name":"X__text","type":"int32"}"""), "$.onUnexpected.types DuplicateName");
        Dataset(Documents.Dataset("\"checks\":[{\"name\":\"a b\",\"condition\":\"true\"}]"), "$.checks[0].name InvalidName");
        Dataset(Documents.Dataset("\"checks\":[{\"name\":\"a\"}]"), "$.checks[0].condition MissingMember");
        Dataset(Documents.Dataset("\"checks\":[{\"name\":\"a\",\"condition\":\"true\"},{\"name\":\"a\",\"condition\":\"true\"}]"), "$.checks[1].name DuplicateName");
        Dataset(Documents.Field("\"type\":\"string\",\"enum\":[]"), "$.fields[0].enum TooFew");
        Dataset(Documents.Field("\"type\":\"string\",\"minLength\":-1"), "$.fields[0].minLength OutOfRange");
        Dataset(Documents.Field("\"type\":\"string\",\"minLength\":3,\"maxLength\":2"), "$.fields[0].minLength OutOfRange");
        Dataset(Documents.Field("\"type\":\"string\",\"pattern\":\"(a)\\\\1\""), "$.fields[0].pattern InvalidPattern");
        Dataset(Documents.Field("\"type\":\"string\",\"pattern\":\"(?=a)\""), "$.fields[0].pattern InvalidPattern");
        Dataset(Documents.Field("\"type\":\"string\",\"source\":\"\""), "$.fields[0].source EmptyText");
        Dataset(Documents.Dataset(field: string.Join(',', Enumerable.Range(0, 1001).Select(i => $$"""{"name":"f{{i}}","type":"bool"}"""))), "$.fields TooMany");

        Dataset(Documents.Dataset("\"csv\":[]"), "$.csv WrongKind");
        Dataset(Documents.Dataset("\"csv\":{\"delimiter\":\"ab\"}"), "$.csv.delimiter InvalidMark");
        Dataset(Documents.Dataset("\"csv\":{\"delimiter\":\"\"}"), "$.csv.delimiter InvalidMark");
        Dataset(Documents.Dataset("\"csv\":{\"delimiter\":\"7\"}"), "$.csv.delimiter InvalidMark");
        Dataset(Documents.Dataset("\"csv\":{\"delimiter\":\"\\r\"}"), "$.csv.delimiter InvalidMark");
        Dataset(Documents.Dataset("\"csv\":{\"quote\":\"»\"}"), "$.csv.quote InvalidMark");
        Dataset(Documents.Dataset("\"csv\":{\"quote\":\",\"}"), "$.csv.quote SameMark");
        Dataset(Documents.Dataset("\"csv\":{\"delimiter\":\";\",\"comment\":\";\"}"), "$.csv.comment SameMark");
        Dataset(Documents.Dataset("\"csv\":{\"encoding\":\"utf-7\"}"), "$.csv.encoding UnknownValue");
        Dataset(Documents.Dataset("\"csv\":{\"header\":\"no\"}"), "$.csv.header WrongKind");
        Dataset(Documents.Dataset("\"csv\":{\"nullTokens\":[\"\"]}"), "$.csv.nullTokens[0] EmptyText");
        Dataset(Documents.Dataset("\"csv\":{\"seperator\":\";\"}"), "$.csv.seperator UnknownMember");

        Pipeline("{}", "$.steps MissingMember");
        Pipeline(Documents.Step("\"mode\":\"merge\""), "$.steps[0].key MissingKey");
        Pipeline(Documents.Step("\"key\":[\"a b\"]"), "$.steps[0].key[0] InvalidName");
        Pipeline(Documents.Step("\"parallel\":\"rows\""), "$.steps[0].parallel UnknownValue");
        Pipeline(Documents.Step("\"parallel\":\"keys\""), "$.steps[0].splitBy MissingMember");
        Pipeline(Documents.Step("\"splitBy\":[\"id\"]"), "$.steps[0].splitBy NotApplicable");
        Pipeline(Documents.Step("\"parallel\":\"keys\",\"splitBy\":[\"id\"],\"partitions\":1001"), "$.steps[0].partitions OutOfRange");
        Pipeline(Documents.Step("\"timeout\":\"P1M\""), "$.steps[0].timeout InvalidDuration");
        Pipeline(Documents.Step("\"timeout\":\"P8D\""), "$.steps[0].timeout InvalidDuration");
        Pipeline(Documents.Step("\"retry\":{\"attempts\":-1}"), "$.steps[0].retry.attempts OutOfRange");
        Pipeline(Documents.Step("\"retry\":{\"backoff\":-1}"), "$.steps[0].retry.backoff OutOfRange");
        Pipeline(Documents.Step("\"retry\":{\"firstDelay\":\"5\"}"), "$.steps[0].retry.firstDelay InvalidDuration");
        Pipeline(Documents.Step("\"retry\":{\"firstDelay\":\"PT5S\",\"maxDelay\":\"PT1S\"}"), "$.steps[0].retry.maxDelay OutOfRange");
        Pipeline(Documents.Step("\"retry\":{\"delay\":\"PT5S\"}"), "$.steps[0].retry.delay UnknownMember");
        Pipeline(Documents.Step("\"expectations\":[{\"name\":\"e\",\"condition\":\" \"}]"), "$.steps[0].expectations[0].condition EmptyText");
        Pipeline(Documents.Step("\"expectations\":[{\"name\":\"e\",\"condition\":\"a\"},{\"name\":\"e\",\"condition\":\"b\"}]"), "$.steps[0].expectations[1].name DuplicateName");
        Pipeline("""{"steps":[{"name":"s","target":"new","sql":"SELECT 1"}]}""", "$.steps[0].target ReservedName");
        Pipeline("""{"steps":[{"name":"s","target":"A","sql":"SELECT 1"}]}""", "$.steps[0].target InvalidName");
        Pipeline("""{"steps":[{"name":"s","target":"a","sql":"  "}]}""", "$.steps[0].sql EmptyText");
        Pipeline("""{"steps":[{"name":"s","target":"a","sql":"x"},{"name":"s","target":"b","sql":"x"}]}""", "$.steps[1].name DuplicateName");
        Pipeline(Documents.Trigger(""), "$.triggers[0] InvalidTrigger");
        Pipeline(Documents.Trigger("\"schedule\":\"0 * * * *\",\"onChange\":[\"a\"]"), "$.triggers[0] InvalidTrigger");
        Pipeline(Documents.Trigger("\"schedule\":\"0 0 * * * *\""), "$.triggers[0].schedule InvalidSchedule");
        Pipeline(Documents.Trigger("\"schedule\":\"@daily\""), "$.triggers[0].schedule InvalidSchedule");
        Pipeline(Documents.Trigger("\"schedule\":\"61 * * * *\""), "$.triggers[0].schedule InvalidSchedule");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"timeZone\":\"UTC\""), "$.triggers[0].timeZone NotApplicable");
        Pipeline(Documents.Trigger("\"onChange\":[]"), "$.triggers[0].onChange TooFew");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"after\":[\"p\"]"), "$.triggers[0] InvalidTrigger");
        Pipeline(Documents.Trigger("\"schedule\":\"0 0 30 2 *\""), "$.triggers[0].schedule InvalidSchedule");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"catchUp\":\"all\""), "$.triggers[0].catchUp NotApplicable");
        Pipeline(Documents.Trigger("\"schedule\":\"0 * * * *\",\"catchUp\":\"some\""), "$.triggers[0].catchUp UnknownValue");
        Pipeline(Documents.Trigger("\"schedule\":\"0 * * * *\",\"debounce\":\"PT5S\""), "$.triggers[0].debounce NotApplicable");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"debounce\":\"5s\""), "$.triggers[0].debounce InvalidDuration");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"debounce\":\"PT61M\""), "$.triggers[0].debounce InvalidDuration");
        Pipeline(Documents.Trigger("\"after\":[]"), "$.triggers[0].after TooFew");
        Pipeline(Documents.Trigger("\"after\":[\"P\"]"), "$.triggers[0].after[0] InvalidName");
        Pipeline(Documents.Trigger("\"after\":[\"p\"],\"on\":\"always\""), "$.triggers[0].on UnknownValue");
        Pipeline(Documents.Trigger("\"onChange\":[\"a\"],\"on\":\"end\""), "$.triggers[0].on NotApplicable");
        Pipeline(Documents.Trigger("\"after\":[\"p\"],\"enabled\":\"no\""), "$.triggers[0].enabled WrongKind");
        Pipeline(Documents.Trigger("\"onChange\":[\"a-b\"]"), "$.triggers[0].onChange[0] InvalidName");

        Route("""{"service":"batch"}""", "$.dataset MissingMember");
        Route("""{"dataset":"a"}""", "$ MissingMember");
        Route(Documents.Route(dataset: "A*"), "$.dataset InvalidName");
        Route(Documents.Route(dataset: "1a"), "$.dataset InvalidName");
        Route(Documents.Route(dataset: "new"), "$.dataset ReservedName");
        Route(Documents.Route("\"to\":\"a*\""), "$.to InvalidName");
        Route(Documents.Route("\"to\":\"system\""), "$.to ReservedName");
        Route(Documents.Route("\"priority\":-1"), "$.priority OutOfRange");
        Route(Documents.Route("\"priority\":1001"), "$.priority OutOfRange");
        Route("""{"dataset":"a","service":"upload"}""", "$.service UnknownValue");
        Route(Documents.Route("\"when\":[]"), "$.when WrongKind");
        Route(Documents.Route("\"when\":{\"type\":[\"a\"]}"), "$.when.type UnknownMember");
        Route(Documents.Route("\"when\":{\"contentType\":[]}"), "$.when.contentType TooFew");
        Route(Documents.Route("\"when\":{\"contentType\":[\"json\"]}"), "$.when.contentType[0] InvalidPattern");
        Route(Documents.Route("\"when\":{\"contentType\":[\"text/csv; charset=utf-8\"]}"), "$.when.contentType[0] InvalidPattern");
        Route(Documents.Route("\"when\":{\"contentType\":[\"Text/csv\"]}"), "$.when.contentType[0] InvalidPattern");
        Route(Documents.Route("\"when\":{\"source\":[\"\"]}"), "$.when.source[0] EmptyText");
        Route(Documents.Route("\"when\":{\"source\":[\"a\",\"a\"]}"), "$.when.source[1] DuplicateName");
        Route(Documents.Route("\"when\":{\"minBytes\":1048577}"), "$.when.minBytes OutOfRange");
        Route(Documents.Route("\"when\":{\"minBytes\":2,\"maxBytes\":1}"), "$.when.minBytes OutOfRange");
        Mart("""{"dimensions":[{"name":"d"}],"measures":[{"name":"n","type":"count"}]}""", "$.source MissingMember");
        Mart(Documents.Mart(measure: """{"name":"n","type":"sum"}"""), "$.measures[0].sql MissingMember");
        Mart(Documents.Mart(measure: """{"name":"n"}"""), "$.measures[0].type MissingMember");
        Mart(Documents.Mart(measure: """{"name":"n","type":"average","sql":"x"}"""), "$.measures[0].type UnknownValue");
        Mart(Documents.Mart(measure: """{"name":"day","type":"count"}"""), "$.measures[0].name DuplicateName");
        Mart(Documents.Mart(measure: """{"name":"n","type":"sum","sql":""}"""), "$.measures[0].sql EmptyText");
        Mart(Documents.Mart(dimension: """{"name":"Day"}"""), "$.dimensions[0].name InvalidName");
        Mart(Documents.Mart("\"partitionBy\":[\"n\"]"), "$.partitionBy[0] UnknownDimension");
        Mart(Documents.Mart("\"freshness\":\"1h\""), "$.freshness InvalidDuration");

        Board("{}", "$.tiles MissingMember");
        Board("""{"tiles":[{"name":"t","type":"kpi","measures":["n"]}]}""", "$.tiles[0].mart MissingMember");
        Board(Documents.Board("\"mart\":\"a b\"").Replace("\"mart\":\"m\",", "", StringComparison.Ordinal), "$.mart InvalidName");
        Board(Documents.Board("\"refresh\":\"PT1S\""), "$.refresh InvalidDuration");
        Board(Documents.Board("\"refresh\":\"1m\""), "$.refresh InvalidDuration");
        Board(Documents.Board("\"time\":{}"), "$.time.dimension MissingMember");
        Board(Documents.Board("\"time\":{\"dimension\":\"Day\"}"), "$.time.dimension InvalidName");
        Board(Documents.Board("\"time\":{\"dimension\":\"day\",\"presets\":[\"P1M\"]}"), "$.time.presets[0] InvalidDuration");
        Board(Documents.Board("\"time\":{\"dimension\":\"day\",\"presets\":[\"P7D\",\"P7D\"]}"), "$.time.presets[1] DuplicateName");
        Board(Documents.Board("\"time\":{\"dimension\":\"day\",\"default\":\"P7D\"}"), "$.time.default UnknownPreset");
        Board(Documents.Board("\"time\":{\"dimension\":\"day\",\"lastDay\":\"2001-06-31\"}"), "$.time.lastDay InvalidDate");
        Board(Documents.Board("\"time\":{\"dimension\":\"day\",\"until\":\"yesterday\"}"), "$.time.until UnknownValue");
        Board(Documents.Board("\"filters\":[{\"dimension\":\"a\"},{\"dimension\":\"a\"}]"), "$.filters[1].dimension DuplicateName");
        Board(Documents.Board("\"filters\":[{\"dimension\":\"a\",\"values\":[]}]"), "$.filters[0].values UnknownMember");
        Board(Documents.Board(tile: """{"name":"t","type":"kpi","measures":["n"]},{"name":"t","type":"kpi","measures":["n"]}"""), "$.tiles[1].name DuplicateName");
        Board(Documents.Board(tile: """{"name":"T","type":"kpi","measures":["n"]}"""), "$.tiles[0].name InvalidName");
        Board(Documents.Tile("pie", "\"measures\":[\"n\"]"), "$.tiles[0].type UnknownValue");
        Board(Documents.Tile("kpi", "\"measures\":[]"), "$.tiles[0].measures TooFew");
        Board(Documents.Tile("kpi", "\"measures\":[\"sum(n)\"]"), "$.tiles[0].measures[0] InvalidName");
        Board(Documents.Tile("kpi", "\"measures\":[\"n\",\"k\"]"), "$.tiles[0].measures WrongShape");
        Board(Documents.Tile("kpi", "\"measures\":[\"n\"],\"groupBy\":[\"a\"]"), "$.tiles[0].groupBy WrongShape");
        Board(Documents.Tile("line", "\"measures\":[\"n\"]"), "$.tiles[0].groupBy WrongShape");
        Board(Documents.Tile("line", "\"measures\":[\"n\",\"k\"],\"groupBy\":[\"a\",\"b\"]"), "$.tiles[0].measures WrongShape");
        Board(Documents.Tile("bar", "\"measures\":[\"n\"],\"groupBy\":[\"a\",\"b\"]"), "$.tiles[0].groupBy WrongShape");
        Board(Documents.Tile("heatmap", "\"measures\":[\"n\"],\"groupBy\":[\"a\"]"), "$.tiles[0].groupBy WrongShape");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"groupBy\":[\"year(day)\"]"), "$.tiles[0].groupBy[0] InvalidName");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"top\":0"), "$.tiles[0].top OutOfRange");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"top\":10001"), "$.tiles[0].top OutOfRange");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"width\":5"), "$.tiles[0].width OutOfRange");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"filter\":\" \""), "$.tiles[0].filter EmptyText");
        Board(Documents.Tile("table", "\"measures\":[\"n\"],\"where\":\"x\""), "$.tiles[0].where UnknownMember");
        Mart(Documents.Mart(dimension: """{"name":"day","grain":"minute"}"""), "$.dimensions[0].grain UnknownValue");
        Mart(Documents.Mart(measure: """{"name":"n","type":"quantile","sql":"x"}"""), "$.measures[0].q MissingMember");
        Mart(Documents.Mart(measure: """{"name":"n","type":"sum","sql":"x","q":0.5}"""), "$.measures[0].q NotApplicable");
        Mart(Documents.Mart(measure: """{"name":"n","type":"count"},{"name":"r","type":"ratio","numerator":"n"}"""), "$.measures[1].denominator MissingMember");
        Mart(Documents.Mart(measure: """{"name":"n","type":"count"},{"name":"r","type":"ratio","numerator":"n","denominator":"r"}"""), "$.measures[1].denominator InvalidRatio");
        Mart(Documents.Mart(measure: """{"name":"n","type":"count"},{"name":"r","type":"ratio","numerator":"x","denominator":"n"}"""), "$.measures[1].numerator UnknownMeasure");
        return data;
    }

    [Theory]
    [InlineData("new", "ReservedName")]
    [InlineData("system", "ReservedName")]
    [InlineData("_x", "InvalidName")]
    [InlineData("Flights", "InvalidName")]
    [InlineData("a-b", "InvalidName")]
    [InlineData("a\n", "InvalidName")]
    [InlineData("../a", "InvalidName")]
    public void Names_that_sql_could_not_use_are_refused(string name, string code) =>
        Assert.Equal(code, Assert.Single(Assert.Throws<TerminalException>(
            () => Parse<DatasetDefinition>(Documents.Dataset(), name)).Details).Code);

    [Fact]
    public void A_long_list_of_mistakes_is_cut_and_counted()
    {
        var exception = Fails<DatasetDefinition>(Documents.Dataset(string.Join(',', Enumerable.Range(0, 600).Select(i => $"\"m{i}\":1"))));

        Assert.Equal(Mistakes.MaxListed + 1, exception.Details.Count);
        Assert.Equal("100 more mistakes are not listed.", exception.Details[^1].Message);
    }

    [Theory]
    [InlineData("PT1H", 3600)]
    [InlineData("P1DT12H", 129600)]
    [InlineData("PT90M", 5400)]
    [InlineData("P2W", 1209600)]
    [InlineData("PT1M30S", 90)]
    public void Durations_are_read(string text, int seconds)
    {
        Assert.True(Iso8601Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("P1Y")]
    [InlineData("P1M")]
    [InlineData("PT0S")]
    [InlineData("-PT1H")]
    [InlineData("P1WT1H")]
    [InlineData("P99999999D")]
    public void Other_durations_are_refused(string text) => Assert.False(Iso8601Duration.TryParse(text, out _));

    [Fact]
    public void Any_damage_to_a_document_is_a_terminal_failure_or_harmless()
    {
        var bytes = Encoding.UTF8.GetBytes(Documents.Flights);
        var damage = from index in Gen.Choose(0, bytes.Length - 1)
                     from value in Gen.Choose(0, 255)
                     from cut in Gen.Choose(0, 40)
                     select (index, (byte)value, cut);

        Prop.ForAll(Arb.From(damage), d =>
        {
            byte[] damaged = [.. bytes.AsSpan(0, d.index), d.Item2, .. bytes.AsSpan(Math.Min(bytes.Length, d.index + d.cut))];
            try
            {
                DefinitionParser.Parse<DatasetDefinition>(damaged, "flights");
            }
            catch (TerminalException exception)
            {
                Assert.Contains(exception.Code, (string[])["MalformedJson", "InvalidDefinition"]);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static T Parse<T>(string json, string name)
        where T : class => DefinitionParser.Parse<T>(Encoding.UTF8.GetBytes(json), name);

    private static TerminalException Fails<T>(string json)
        where T : class => Assert.Throws<TerminalException>(() => Parse<T>(json, "rows"));

    private static string Message(TerminalException exception, string code) =>
        exception.Details.First(detail => detail.Code == code).Message;
}
