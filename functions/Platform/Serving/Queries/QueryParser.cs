using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Tables;
using Microsoft.OData;
using Microsoft.OData.UriParser;

namespace DataPlatform.Serving.Queries;

/// <summary>From the text of the query options, in OData's expression syntax, to a <see cref="TableQuery"/> over a table's columns.</summary>
/// <param name="prefix">Stands before the option names in messages: <c>$</c> at the OData door.</param>
/// <param name="key">A column that is shown though its name begins with <c>_</c>.</param>
public sealed class QueryParser(QueryLimits limits, string prefix = "", string? key = null)
{
    /// <param name="measures">Of the mart whose rows these are; null for other tables.</param>
    /// <exception cref="TerminalException">400 for what is wrong, 501 for what is not offered; the message has the place.</exception>
    public TableQuery Parse(IReadOnlyList<TableColumn> columns, QueryText text, MartMeasures? measures = null)
    {
        List<ApplyStep> steps = [];
        if (text.Apply is not null)
            steps.AddRange(Guard("apply", text.Apply, option => Apply(option, text.Apply, measures).ParseSteps(columns)));
        if (text.Compute is not null)
            steps.Add(Guard("compute", text.Compute, option => Apply(option, text.Compute, null).Compute(steps is [.., var last] ? last.Columns : columns, text.Compute)));
        columns = steps is [.., var end] ? end.Columns : columns;
        var model = RowModel.Of(columns);
        return new TableQuery
        {
            Apply = steps,
            Select = text.Select is null ? [.. columns.Where(IsShown)] : ParseSelect(model, text.Select),
            Filter = text.Filter is null ? null : ParseFilter(model, text.Filter),
            OrderBy = text.OrderBy is null ? [] : ParseOrderBy(model, text.OrderBy),
            Top = text.Top is null ? null : ParseNumber("top", text.Top, limits.MaxTop),
            Skip = text.Skip is null ? 0 : ParseNumber("skip", text.Skip, long.MaxValue),
            Count = ParseCount(text.Count),
        };
    }

    private bool IsShown(TableColumn column) => column.Name[0] != '_' || column.Name == key;

    private ApplyParser Apply(string option, string text, MartMeasures? measures) => new(option, text, measures, (role, columns, part) =>
    {
        if (part.Length == 0)
            throw Invalid(option, $"The option {option} has an expression that is empty.");
        var model = RowModel.Of(columns);
        var builder = new ExpressionBuilder(model, option, text);
        if (role is ExpressionRole.Condition)
            return builder.Build(Parser(model, option, "$filter", part, text).ParseFilter().Expression);
        var computed = Parser(model, option, "$compute", $"{part} as result", text).ParseCompute().ComputedItems.ToList();
        return computed is [var only] ? builder.Build(only.Expression) : throw Invalid(option, $"The option {option} has '{part}', which is no single expression.");
    });

    private Expression ParseFilter(RowModel model, string text) => Guard("filter", text, option =>
    {
        var clause = Parser(model, option, "$filter", text).ParseFilter();
        return new ExpressionBuilder(model, option, text).Build(clause.Expression);
    });

    private List<OrderTerm> ParseOrderBy(RowModel model, string text) => Guard("orderby", text, option =>
    {
        var builder = new ExpressionBuilder(model, option, text);
        var terms = new List<OrderTerm>();
        for (var clause = Parser(model, option, "$orderby", text).ParseOrderBy(); clause is not null; clause = clause.ThenBy)
            terms.Add(new OrderTerm(builder.Build(clause.Expression), clause.Direction is OrderByDirection.Descending));
        return terms;
    });

    private List<TableColumn> ParseSelect(RowModel model, string text) => Guard<List<TableColumn>>("select", text, option =>
    {
        var columns = new List<TableColumn>();
        var clause = Parser(model, option, "$select", text).ParseSelectAndExpand();
        foreach (var item in clause.SelectedItems)
        {
            if (item is WildcardSelectItem)
                columns.AddRange(model.Columns.Values.Where(IsShown));
            else if (item is PathSelectItem { SelectedPath: { Count: 1, FirstSegment: PropertySegment segment } })
                columns.Add(model.Columns[segment.Property.Name]);
            else
                throw ExpressionBuilder.Unsupported(option, text, "Anything but column names and '*'");
        }

        return [.. columns.Distinct()];
    });

    /// <param name="whole">The option's text, when <paramref name="text"/> is a part of it.</param>
    private static ODataQueryOptionParser Parser(RowModel model, string option, string name, string text, string? whole = null) =>
        new(model.Model, model.Type, model.Rows, new Dictionary<string, string> { [name] = text })
        {
            Resolver = new RowResolver(model, option, whole ?? text),
        };

    private T Guard<T>(string name, string text, Func<string, T> parse)
    {
        var option = prefix + name;
        if (string.IsNullOrWhiteSpace(text))
            throw Invalid(option, $"The option {option} is empty. Leave it out or give it a value.");
        if (text.Length > limits.MaxExpressionLength)
        {
            throw Invalid(
                option, $"The option {option} has {text.Length} characters; up to {limits.MaxExpressionLength} are taken. Split the query.");
        }

        try
        {
            return parse(option);
        }
        catch (ODataException exception)
        {
            throw UnknownFunction(option, text, exception)
                ?? Invalid(option, $"The option {option} can't be understood: {Reword(exception.Message)}", exception);
        }
        catch (NotImplementedException exception)
        {
            // Node kinds without a Visit method, such as $count as a value.
            throw new TerminalException(
                FailureKind.NotImplemented, "UnsupportedExpression", $"The option {option} uses a part of OData that is not offered.", option,
                innerException: exception);
        }
    }

    private static TerminalException? UnknownFunction(string option, string text, ODataException exception)
    {
        const string Opening = "An unknown function with name '";
        if (!exception.Message.StartsWith(Opening, StringComparison.Ordinal))
            return null;
        var name = exception.Message[Opening.Length..exception.Message.IndexOf('\'', Opening.Length)];
        return new TerminalException(
            FailureKind.Invalid,
            "UnknownFunction",
            $"There is no function '{name}'{QueryNames.Place(text, name)} of {option}.{DidYouMean.Sentence(name, ExpressionBuilder.FunctionNames)}"
                + $" Functions: {string.Join(", ", ExpressionBuilder.FunctionNames)}.",
            option,
            innerException: exception);
    }

    /// <summary>Types by the names callers know.</summary>
    private string Reword(string message) => message
        .Replace("The $filter expression", $"{prefix}filter", StringComparison.Ordinal)
        .Replace("Edm.", "", StringComparison.Ordinal)
        .Replace("DataPlatform.Row", "row", StringComparison.Ordinal)
        .Replace("Recursion depth exceeded allowed limit.", "it is nested too deeply or has too many terms.", StringComparison.Ordinal);

    private long ParseNumber(string name, string text, long maximum)
    {
        var option = prefix + name;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw Invalid(option, $"The option {option} is '{text}' and must be a whole number from 0.");
        return number <= maximum
            ? number
            : throw Invalid(option, $"The option {option} is {number}; up to {maximum} is taken. Page with skip, or leave {option} out.");
    }

    private bool ParseCount(string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Invalid(prefix + "count", $"The option {prefix}count is '{text}' and must be true or false."),
    };

    private static TerminalException Invalid(string option, string message, Exception? inner = null) =>
        new(FailureKind.Invalid, "InvalidQueryOption", message, option, innerException: inner);
}
