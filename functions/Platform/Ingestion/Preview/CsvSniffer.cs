using System.Text;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Finds out how a CSV is written from its start. What the media type says is taken as said.</summary>
internal static class CsvSniffer
{
    private const int MaxRecords = 200;
    private const string Delimiters = ",;\t|";

    /// <param name="start">Of the body, unfolded.</param>
    /// <param name="isWhole">Whether the body ends there.</param>
    /// <param name="columns">How many values a record has.</param>
    public static CsvDialect Sniff(ReadOnlySpan<byte> start, bool isWhole, BatchMedia media, out int columns)
    {
        var encoding = media.Charset ?? EncodingOf(start, isWhole);
        var text = Decode(start, encoding);
        var quote = media.Csv.Quote is { } given ? (given.Length == 0 ? (char?)null : given[0]) : QuoteOf(text, media.Csv.Delimiter);
        var best = (Delimiter: ',', Share: -1.0, Columns: 1);
        foreach (var delimiter in media.Csv.Delimiter is { } named ? [named] : Delimiters.ToCharArray())
        {
            if (delimiter == quote)
                continue;
            var (share, count) = Regularity(Split(text, delimiter, quote, isWhole));
            if (count > 1 && (share, count).CompareTo((best.Share, best.Columns)) > 0)
                best = (delimiter, share, count);
        }

        columns = best.Columns;
        var delimiterFound = media.Csv.Delimiter ?? best.Delimiter;
        return new CsvDialect
        {
            Encoding = encoding,
            Quote = quote,
            Delimiter = delimiterFound,
            Header = media.Csv.Header ?? LooksLikeHeader(Split(text, delimiterFound, quote, isWhole).FirstOrDefault(record => record.Count > 1 || record[0].Length > 0)),
        };
    }

    private static TextEncoding EncodingOf(ReadOnlySpan<byte> start, bool isWhole)
    {
        // A mark has the last word anyway.
        if (start.StartsWith("\uFEFF"u8))
            return TextEncoding.Utf8;
        if (start.Length >= 2 && start[0] == 0xFF && start[1] == 0xFE)
            return TextEncoding.Utf16;
        if (start.Length >= 2 && start[0] == 0xFE && start[1] == 0xFF)
            return TextEncoding.Utf16BigEndian;
        if (start.Length >= 2 && start[1] == 0 && start[0] != 0)
            return TextEncoding.Utf16;
        if (start.Length >= 2 && start[0] == 0 && start[1] != 0)
            return TextEncoding.Utf16BigEndian;

        // The last character may be cut.
        for (var cut = 0; cut <= (isWhole ? 0 : Math.Min(3, start.Length)); cut++)
        {
            if (Utf8.IsValid(start[..^cut]))
                return TextEncoding.Utf8;
        }

        return TextEncoding.Windows1252;
    }

    private static string Decode(ReadOnlySpan<byte> start, TextEncoding encoding) => (encoding switch
    {
        TextEncoding.Utf8 => Encoding.UTF8,
        TextEncoding.Utf16 => Encoding.Unicode,
        TextEncoding.Utf16BigEndian => Encoding.BigEndianUnicode,
        _ => Encoding.Latin1, // all marks are ASCII
    }).GetString(start).TrimStart('\uFEFF');

    /// <summary>Single quotes only where they stand around values and double ones nowhere do.</summary>
    private static char QuoteOf(string text, char? delimiter)
    {
        var marks = delimiter is { } named ? $"{named}" : Delimiters;
        int wrapped = 0, doubles = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var opens = i == 0 || text[i - 1] is '\n' or '\r' || marks.Contains(text[i - 1], StringComparison.Ordinal);
            if (opens && text[i] == '"')
                doubles++;
            if (!opens || text[i] != '\'')
                continue;
            var end = text.IndexOf('\'', i + 1);
            while (end >= 0 && end + 1 < text.Length && text[end + 1] == '\'')
                end = text.IndexOf('\'', end + 2);
            if (end >= 0 && (end + 1 == text.Length || text[end + 1] is '\n' or '\r' || marks.Contains(text[end + 1], StringComparison.Ordinal)))
                wrapped++;
            else
                return '"';
        }

        return doubles == 0 && wrapped >= 2 ? '\'' : '"';
    }

    private static List<List<string>> Split(string text, char delimiter, char? quote, bool isWhole)
    {
        var records = new List<List<string>>();
        var record = new List<string>();
        var value = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length && records.Count < MaxRecords; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != quote)
                    value.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == quote)
                    value.Append(text[i++]);
                else
                    quoted = false;
            }
            else if (c == quote && value.Length == 0)
            {
                quoted = true;
            }
            else if (c == delimiter)
            {
                record.Add(value.ToString());
                value.Clear();
            }
            else if (c is '\n' or '\r')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                record.Add(value.ToString());
                value.Clear();
                records.Add(record);
                record = [];
            }
            else
            {
                value.Append(c);
            }
        }

        // A record that is cut says nothing, unless it is all there is.
        if (records.Count == 0 || (isWhole && records.Count < MaxRecords && (record.Count > 0 || value.Length > 0)))
        {
            record.Add(value.ToString());
            records.Add(record);
        }

        return records;
    }

    private static (double Share, int Columns) Regularity(List<List<string>> records)
    {
        var counts = records.Where(record => record.Count > 1 || record[0].Length > 0).Select(record => record.Count).ToList();
        if (counts.Count == 0)
            return (0, 1);
        var most = counts.GroupBy(count => count).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).First();
        return (Math.Round((double)most.Count() / counts.Count, 2), most.Key);
    }

    /// <summary>Names are there, differ, and are no numbers, dates or truths. The first may be empty, as that of an index is.</summary>
    private static bool LooksLikeHeader(List<string>? record) =>
        record is null
        || (record.Skip(1).All(name => name.Length > 0)
            && record.Distinct(StringComparer.Ordinal).Count() == record.Count
            && !record.Exists(IsValue));

    private static bool IsValue(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Trim());
        return DecimalText.TryParse(bytes, 38, 19, out _)
            || bool.TryParse(text, out _)
            || DateText.TryParseDate(bytes, out _)
            || DateText.TryParseTimestamp(bytes, out _, out _)
            || Guid.TryParseExact(text, "D", out _);
    }
}
