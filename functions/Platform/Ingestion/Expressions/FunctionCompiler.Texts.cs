using System.Text.Json;
using System.Text.RegularExpressions;
using Utf8 = System.ReadOnlyMemory<byte>;

namespace DataPlatform.Ingestion.Expressions;

/// <content>Texts.</content>
internal sealed partial class FunctionCompiler
{
    private const int MaxPattern = 1000;

    private Term Case(JsonElement node, Term term, bool upper)
    {
        var scratch = new TextScratch();
        return new UnaryTerm<Utf8, Utf8>(TermType.Text, Text(node, term), (Utf8 text, RowFault _, out Utf8 result) => Is(TextFunctions.ChangeCase(text, upper, scratch), out result));
    }

    private Term Trim(JsonElement node, Term[] terms, bool start, bool end) => terms.Length == 1
        ? new UnaryTerm<Utf8, Utf8>(TermType.Text, Text(node, terms[0]), (Utf8 text, RowFault _, out Utf8 result) => Is(TextFunctions.Trim(text, null, start, end), out result))
        : new BinaryTerm<Utf8, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), (Utf8 text, Utf8 set, RowFault _, out Utf8 result) =>
            Is(TextFunctions.Trim(text, set, start, end), out result));

    private Term Length(JsonElement node, Term term) =>
        new UnaryTerm<Utf8, long>(TermType.Int64, Text(node, term), static (Utf8 text, RowFault _, out long result) => Is(TextFunctions.Length(text.Span), out result));

    private Term Bytes(JsonElement node, Term term) =>
        new UnaryTerm<Utf8, long>(TermType.Int64, Text(node, term), static (Utf8 text, RowFault _, out long result) => Is((long)text.Length, out result));

    private Term Substring(JsonElement node, Term[] terms) => terms.Length == 2
        ? new BinaryTerm<Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), static (Utf8 text, long start, RowFault _, out Utf8 result) =>
            Is(TextFunctions.Substring(text, start, null), out result))
        : new TernaryTerm<Utf8, long, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), Integer(node, terms[2]),
            static (Utf8 text, long start, long count, RowFault _, out Utf8 result) => Is(TextFunctions.Substring(text, start, count), out result));

    private Term Side(JsonElement node, Term[] terms, Func<Utf8, long, Utf8> take) =>
        new BinaryTerm<Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), (Utf8 text, long count, RowFault _, out Utf8 result) =>
            Is(take(text, count), out result));

    private Term Replace(JsonElement node, Term[] terms)
    {
        var scratch = new TextScratch();
        return new TernaryTerm<Utf8, Utf8, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), Text(node, terms[2]),
            (Utf8 text, Utf8 from, Utf8 to, RowFault fault, out Utf8 result) => TextFunctions.TryReplace(text.Span, from.Span, to.Span, scratch, fault, out result));
    }

    private Term Pad(JsonElement node, Term[] terms, bool left)
    {
        var scratch = new TextScratch();
        return new TernaryTerm<Utf8, long, Utf8, Utf8>(TermType.Text, Text(node, terms[0]), Integer(node, terms[1]), Text(node, terms[2]),
            (Utf8 text, long length, Utf8 padding, RowFault fault, out Utf8 result) => TextFunctions.TryPad(text, length, padding, left, scratch, fault, out result));
    }

    private Term Split(JsonElement node, Term[] terms) =>
        new TernaryTerm<Utf8, Utf8, long, Utf8>(TermType.Text, Text(node, terms[0]), Text(node, terms[1]), Integer(node, terms[2]),
            static (Utf8 text, Utf8 separator, long part, RowFault _, out Utf8 result) => Is(TextFunctions.Split(text, separator, part), out result));

    private Term Position(JsonElement node, Term[] terms) =>
        new BinaryTerm<Utf8, Utf8, long>(TermType.Int64, Text(node, terms[0]), Text(node, terms[1]), static (Utf8 text, Utf8 part, RowFault _, out long result) =>
            Is(TextFunctions.Position(text.Span, part.Span), out result));

    private delegate bool TextTest(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part);

    private Term Test(JsonElement node, Term[] terms, TextTest test) =>
        new BinaryTerm<Utf8, Utf8, bool>(TermType.Bool, Text(node, terms[0]), Text(node, terms[1]), (Utf8 text, Utf8 part, RowFault _, out bool result) =>
            Is(test(text.Span, part.Span), out result));

    private Term Like(JsonElement node, Term[] terms, bool fold, bool negated)
    {
        var escape = -1;
        if (terms.Length == 3)
        {
            if (!Text(node, terms[2]).TryGet(new RowFault(), out var literal) || !terms[2].IsConstant || literal.Length != 1)
                throw compiler.Fault(node, "ESCAPE takes one ASCII character as a literal");
            escape = literal.Span[0];
        }

        var (text, pattern) = fold ? ((TypedTerm<Utf8>)Case(node, terms[0], upper: false), (TypedTerm<Utf8>)Case(node, terms[1], upper: false)) : (Text(node, terms[0]), Text(node, terms[1]));
        return new BinaryTerm<Utf8, Utf8, bool>(TermType.Bool, text, pattern, (Utf8 given, Utf8 form, RowFault _, out bool result) =>
            Is(TextFunctions.Like(given.Span, form.Span, escape) != negated, out result));
    }

    private Term Matches(JsonElement node, Term[] terms, bool whole)
    {
        if (terms[1] is not ConstantTerm<Utf8> literal || !literal.TryGet(new RowFault(), out var text) || text.Length > MaxPattern)
            throw compiler.Fault(node, $"the regular expression must be a literal of at most {MaxPattern} characters");
        var pattern = System.Text.Encoding.UTF8.GetString(text.Span);
        try
        {
            var regex = new Regex(whole ? $@"\A(?:{pattern})\z" : pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return new UnaryTerm<Utf8, bool>(TermType.Bool, Text(node, terms[0]), (Utf8 value, RowFault _, out bool result) => Is(Matching.IsMatch(regex, value.Span), out result));
        }
        catch (ArgumentException fault)
        {
            throw compiler.Fault(node, $"this is not a regular expression: {fault.Message.TrimEnd('.')}");
        }
        catch (NotSupportedException)
        {
            throw compiler.Fault(node, "regular expressions must run in linear time: no lookaround, backreferences, atomic groups or conditionals, and no very large counts");
        }
    }
}
