using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion;

/// <summary>A row of random values, and what a dataset of such rows is.</summary>
internal sealed record Thing(long? Id, int? N, double? X, bool? B, string? S, long? Micros)
{
    public const string Contract = """
        { "writeDisposition": "replace", "fields": [ {"name": "row", "type": "int32"}, {"name": "id", "type": "int64"}, {"name": "n", "type": "int32"},
          {"name": "x", "type": "float64"}, {"name": "b", "type": "bool"}, {"name": "s", "type": "string"}, {"name": "t", "type": "timestamp"} ] }
        """;

    public static readonly Gen<Thing> Any =
        from id in Maybe(ArbMap.Default.GeneratorFor<long>())
        from n in Maybe(ArbMap.Default.GeneratorFor<int>())
        from x in Maybe(ArbMap.Default.GeneratorFor<NormalFloat>().Select(value => value.Get))
        from b in Maybe(Gen.Elements(true, false))
        from s in Text
        from t in Maybe(Gen.Choose(0, int.MaxValue).Select(value => (value * 1_000_003L) - 500_000_000_000_000L))
        select new Thing(id, n, x, b, s, t);

    private static Gen<string?> Text => Gen.Elements<string?>(
        null, "", "a", "ü,ö", "\"", "line\nend", "cr\r\nlf", "😀", " pad ", "null", "\\N", "tab\tbed", "semi;colon", "'quoted'", "#no comment", "NA", new string('q', 300));

    private static Gen<T?> Maybe<T>(Gen<T> values)
        where T : struct => Gen.Frequency((4, values.Select(value => (T?)value)), (1, Gen.Constant((T?)null)));
}
