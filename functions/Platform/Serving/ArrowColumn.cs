using Apache.Arrow;
using Apache.Arrow.Types;
using DuckDB.NET.Data;

namespace DataPlatform.Serving;

/// <summary>The values of one column of a record batch, gathered row by row.</summary>
internal abstract class ArrowColumn(IArrowType type)
{
    public IArrowType Type { get; } = type;

    /// <param name="create">A builder, for each batch.</param>
    /// <param name="append">Gives the builder a row's value; returns the bytes it takes, about.</param>
    /// <param name="wrap">Makes the column's array of the builder's, which may be of the numbers behind it; null when it is the same.</param>
    public static ArrowColumn Of<TArray, TBuilder>(
        IArrowType type,
        Func<TBuilder> create,
        Func<TBuilder, DuckDBDataReader, int, int> append,
        Action<TBuilder> appendNull,
        Func<TArray, IArrowArray>? wrap = null)
        where TArray : IArrowArray
        where TBuilder : IArrowArrayBuilder<TArray, TBuilder> => new Built<TArray, TBuilder>(type, create, append, appendNull, wrap);

    /// <returns>Bytes that the value takes, about.</returns>
    public abstract int Append(DuckDBDataReader row, int ordinal);

    public abstract void AppendNull();

    /// <summary>The values since the last time.</summary>
    public abstract IArrowArray Take();

    private sealed class Built<TArray, TBuilder>(
        IArrowType type,
        Func<TBuilder> create,
        Func<TBuilder, DuckDBDataReader, int, int> append,
        Action<TBuilder> appendNull,
        Func<TArray, IArrowArray>? wrap) : ArrowColumn(type)
        where TArray : IArrowArray
        where TBuilder : IArrowArrayBuilder<TArray, TBuilder>
    {
        private TBuilder _values = create();

        public override int Append(DuckDBDataReader row, int ordinal) => append(_values, row, ordinal);

        public override void AppendNull() => appendNull(_values);

        public override IArrowArray Take()
        {
            var array = _values.Build(null!);
            _values = create();
            return wrap is null ? array : wrap(array);
        }
    }
}
