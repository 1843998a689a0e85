using System.Reflection;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.Queries;

public sealed class QueryParserErrorTests
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    [Theory]
    [InlineData("nope eq 1", "UnknownColumn", "There is no column 'nope' at position 1 of filter.")]
    [InlineData("i eq 1 and I eq 2", "UnknownColumn", "There is no column 'I' at position 12 of filter. Did you mean 'i'?")]
    [InlineData("_bach eq 'x'", "UnknownColumn", "Did you mean '_batch'?")]
    [InlineData("s eq 'nope' and nope eq 1", "UnknownColumn", "'nope' at position 17")]
    [InlineData("tolwer(s) eq 'a'", "UnknownFunction", "There is no function 'tolwer' at position 1 of filter. Did you mean 'tolower'?")]
    [InlineData("i eq 'abc'", "TypeMismatch", "The column 'i' (Int32) and the value 'abc' (String) do not go together with 'eq' at position 1")]
    [InlineData("s gt 5", "TypeMismatch", "single quotes")]
    [InlineData("contains(i,'x')", "InvalidQueryOption", "contains(String")]
    [InlineData("i eq", "InvalidQueryOption", "position 4")]
    [InlineData("(i eq 1", "InvalidQueryOption", "position 7")]
    [InlineData("s eq 'open", "InvalidQueryOption", "unterminated")]
    [InlineData("t ge 2021-02-03T04:05:06", "InvalidQueryOption", "2021-02-03T04:05:06")]
    [InlineData("t ge 2021-02-03T04:05:06.1234567Z", "InvalidLiteral", "finer than microseconds")]
    [InlineData("i", "InvalidQueryOption", "must evaluate to a single boolean value")]
    [InlineData("i in ('a')", "InvalidQueryOption", "'a'")]
    [InlineData("s eq \"x\"", "InvalidQueryOption", "position 5")]
    [InlineData("i eq 1; drop table rows", "InvalidQueryOption", "filter")]
    [InlineData("   ", "InvalidQueryOption", "is empty")]
    public void Wrong_filter_is_told_with_its_place(string filter, string code, string message)
    {
        var failure = Assert.Throws<TerminalException>(() => Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter)));

        Assert.Equal(FailureKind.Invalid, failure.Kind);
        Assert.Equal(code, failure.Code);
        Assert.Equal("filter", failure.Target);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t gt now()", "'now' at position 6")]
    [InlineData("time(t) gt 10:00:00", "'time' at position 1")]
    [InlineData("cast(i,'Edm.String') eq '1'", "'cast'")]
    [InlineData("isof('DataPlatform.Row')", "'isof'")]
    [InlineData("matchesPattern(s,'a')", "'matchesPattern'")]
    [InlineData("@p eq 1", "'@p'")]
    [InlineData("s has 'x'", "'has'")]
    [InlineData("t add duration'P1D' gt t", "duration'P1D'")]
    [InlineData("$count gt 1", "filter")]
    public void What_is_not_offered_is_501(string filter, string message)
    {
        var failure = Assert.Throws<TerminalException>(() => Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter)));

        Assert.Equal(FailureKind.NotImplemented, failure.Kind);
        Assert.Equal("UnsupportedExpression", failure.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope", "select", "UnknownColumn")]
    [InlineData("i add 1", "select", "InvalidQueryOption")]
    [InlineData("s/x", "select", "InvalidQueryOption")]
    [InlineData("DataPlatform.Row/s", "select", "UnsupportedExpression")]
    [InlineData("", "select", "InvalidQueryOption")]
    [InlineData("nope desc", "orderby", "UnknownColumn")]
    [InlineData("i sideways", "orderby", "InvalidQueryOption")]
    [InlineData("i,,n", "orderby", "InvalidQueryOption")]
    [InlineData("", "orderby", "InvalidQueryOption")]
    [InlineData("100001", "top", "InvalidQueryOption")]
    [InlineData("-1", "top", "InvalidQueryOption")]
    [InlineData("1.5", "skip", "InvalidQueryOption")]
    [InlineData("99999999999999999999", "skip", "InvalidQueryOption")]
    [InlineData("yes", "count", "InvalidQueryOption")]
    public void Wrong_options_are_told_by_name(string value, string option, string code)
    {
        var text = option switch
        {
            "select" => new QueryText(Select: value),
            "orderby" => new QueryText(OrderBy: value),
            "top" => new QueryText(Top: value),
            "skip" => new QueryText(Skip: value),
            _ => new QueryText(Count: value),
        };

        var failure = Assert.Throws<TerminalException>(() => Parser.Parse(SampleTable.Columns, text));

        Assert.Equal(code, failure.Code);
        Assert.Equal(option, failure.Target);
    }

    [Fact]
    public void Nested_columns_of_foreign_tables_are_named_as_not_queryable()
    {
        TableColumn[] columns = [new("a", "integer"), new("nested", "{\"type\":\"struct\"}")];

        var failure = Assert.Throws<TerminalException>(() => Parser.Parse(columns, new QueryText(Select: "a", Filter: "nested eq 1")));

        Assert.Contains("nested", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", "i eq 1", ")", 2000)]
    [InlineData("not ", "b", "", 1500)]
    [InlineData("-", "i lt 1", "", 4000)]
    [InlineData("b or ", "b", "", 1600)]
    public void Deep_expressions_are_refused(string opening, string core, string closing, int times)
    {
        var filter = string.Concat(Enumerable.Repeat(opening, times)) + core + string.Concat(Enumerable.Repeat(closing, times));

        var failure = Assert.Throws<TerminalException>(() => Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter)));

        Assert.Equal(FailureKind.Invalid, failure.Kind);
    }

    [Fact]
    public void Long_expressions_are_refused()
    {
        var failure = Assert.Throws<TerminalException>(
            () => Parser.Parse(SampleTable.Columns, new QueryText(Filter: $"s eq '{new string('x', 9000)}'")));

        Assert.Contains("8192", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_node_has_an_answer()
    {
        var inherited = typeof(ExpressionBuilder)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.Name == "Visit" && method.DeclaringType != typeof(ExpressionBuilder))
            .Select(method => method.GetParameters()[0].ParameterType.Name);

        Assert.Empty(inherited);
    }

    [Fact]
    public void Random_text_never_breaks_the_parser()
    {
        string[] words =
        [
            "i", "n", "s", "t", "d", "b", "nope", "eq", "ne", "gt", "and", "or", "not", "in", "add", "div", "mod", "(", ")", ",", "'a'", "'", "5", "-1",
            "1.5", "null", "true", "2021-01-01", "2021-01-01T00:00:00Z", "contains", "contains(", "year(", "now()", "@p", "$it", "$it/i", "$root", "/", "*",
            ":", "any(x:", "duration'P1D'", "[", "]", "{", "}", "\"", "%", "é", "DataPlatform.Row", "guid'1'", "binary'AA=='", "desc", "asc", "has", ".", ";",
        ];
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var text = string.Join(random.Next(4) == 0 ? "" : " ", Enumerable.Range(0, random.Next(1, 9)).Select(_ => words[random.Next(words.Length)]));
            foreach (var query in (QueryText[])[new(Filter: text), new(OrderBy: text), new(Select: text)])
            {
                try
                {
                    Parser.Parse(SampleTable.Columns, query);
                }
                catch (TerminalException failure)
                {
                    Assert.True(failure.Kind is FailureKind.Invalid or FailureKind.NotImplemented, $"{text}: {failure.Kind}");
                }
                catch (Exception exception)
                {
                    Assert.Fail($"{query} (seed {seed}): {exception}");
                }
            }
        }
    }
}
