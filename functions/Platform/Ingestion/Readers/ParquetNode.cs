using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A node of a nested column's schema, which puts rows together again from their leaves' levels: a struct becomes an object, a list an
/// array, a map with text keys an object and any other an array of objects with <c>key</c> and <c>value</c>. Format: parquet-format,
/// <c>LogicalTypes.md</c>, with its rules for lists of old writers.</summary>
internal sealed class ParquetNode
{
    private readonly byte[] _name;
    private readonly short _definition;
    private readonly short _repetition;
    private readonly ParquetNodeKind _kind;
    private readonly bool _isOptional;
    private readonly IReadOnlyList<ParquetNode> _children;
    private readonly List<ParquetLeaf> _leaves;

    private ParquetNode(
        string name, ParquetNodeKind kind, bool isOptional, short definition, short repetition, IReadOnlyList<ParquetNode> children, List<ParquetLeaf> leaves)
    {
        _name = [.. JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes];
        _kind = kind;
        _isOptional = isOptional;
        _definition = definition;
        _repetition = repetition;
        _children = children;
        _leaves = leaves;
    }

    public IReadOnlyList<ParquetLeaf> Leaves => _leaves;

    /// <param name="definition">Level of what is there above the node.</param>
    /// <param name="repetition">Level of what repeats above the node.</param>
    /// <param name="nextLeaf">Gives the leaves in the order of the file.</param>
    public static ParquetNode Of(Node node, short definition, short repetition, Func<ParquetLeaf> nextLeaf)
    {
        if (node.Repetition == Repetition.Repeated)
        {
            // Repeated without a list around it: never null, only empty.
            var element = Content(node, (short)(definition + 1), (short)(repetition + 1), nextLeaf);
            return new ParquetNode(node.Name, ParquetNodeKind.List, isOptional: false, definition, (short)(repetition + 1), [element], element._leaves);
        }

        return Content(node, (short)(definition + (node.Repetition == Repetition.Optional ? 1 : 0)), repetition, nextLeaf);
    }

    /// <summary>Writes the value at the leaves' place and passes it.</summary>
    /// <returns>False when a part of it could not be written whole.</returns>
    public bool Write(IBufferWriter<byte> target)
    {
        if (_isOptional && _leaves[0].Definition < _definition)
        {
            Skip();
            target.Write("null"u8);
            return true;
        }

        return _kind switch
        {
            ParquetNodeKind.Leaf => _leaves[0].Write(target),
            ParquetNodeKind.Struct => WriteStruct(target),
            ParquetNodeKind.Map => WriteRepeated(target, "{"u8, "}"u8),
            _ => WriteRepeated(target, "["u8, "]"u8),
        };
    }

    /// <summary>Whether the whole value is null here.</summary>
    public bool IsNull => _isOptional && _leaves[0].Definition < _definition;

    private static ParquetNode Content(Node node, short definition, short repetition, Func<ParquetLeaf> nextLeaf)
    {
        var isOptional = node.Repetition == Repetition.Optional;
        if (node is not GroupNode group)
            return new ParquetNode(node.Name, ParquetNodeKind.Leaf, isOptional, definition, repetition, [], [nextLeaf()]);

        using var logical = node.LogicalType;
        var fields = group.Fields;
        if (logical is ListLogicalType or MapLogicalType && fields is [{ Repetition: Repetition.Repeated } repeated])
        {
            var (inner, level) = ((short)(definition + 1), (short)(repetition + 1));
            var isMap = logical is MapLogicalType;
            ParquetNode element;
            if (repeated is GroupNode { Fields: [var only] } && !isMap && repeated.Name != "array" && repeated.Name != node.Name + "_tuple")
                element = Of(only, inner, level, nextLeaf);
            else
                element = Content(repeated, inner, level, nextLeaf);
            var kind = isMap && element._children is [{ _kind: ParquetNodeKind.Leaf } key, _] && key._leaves[0].Kind == ParquetKind.Text
                ? ParquetNodeKind.Map
                : ParquetNodeKind.List;
            return new ParquetNode(node.Name, kind, isOptional, definition, level, [element], element._leaves);
        }

        // A struct of nothing has no levels that would tell whether it is there.
        List<ParquetNode> children = [.. fields.Select(field => Of(field, definition, repetition, nextLeaf)).Where(child => child._leaves.Count > 0)];
        return new ParquetNode(node.Name, ParquetNodeKind.Struct, isOptional, definition, repetition, children, [.. children.SelectMany(child => child._leaves)]);
    }

    private bool WriteStruct(IBufferWriter<byte> target)
    {
        var whole = true;
        for (var i = 0; i < _children.Count; i++)
        {
            target.Write(i == 0 ? "{\""u8 : ",\""u8);
            target.Write(_children[i]._name);
            target.Write("\":"u8);
            whole &= _children[i].Write(target);
        }

        target.Write("}"u8);
        return whole;
    }

    private bool WriteRepeated(IBufferWriter<byte> target, ReadOnlySpan<byte> open, ReadOnlySpan<byte> close)
    {
        target.Write(open);
        var whole = true;
        if (_leaves[0].Definition <= _definition)
        {
            Skip(); // there, but empty
        }
        else
        {
            for (var first = true; first || _leaves[0].Repetition == _repetition; first = false)
            {
                if (!first)
                    target.Write(","u8);
                whole &= _kind == ParquetNodeKind.Map ? _children[0].WriteEntry(target) : _children[0].Write(target);
            }
        }

        target.Write(close);
        return whole;
    }

    private bool WriteEntry(IBufferWriter<byte> target)
    {
        if (_children[0].IsNull)
            throw new InvalidDataException("a map has a key that is null");
        var whole = _children[0].Write(target);
        target.Write(":"u8);
        return _children[1].Write(target) && whole;
    }

    private void Skip()
    {
        foreach (var leaf in _leaves)
            leaf.Skip();
    }
}
