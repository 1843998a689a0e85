using System.IO.Hashing;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Values;

/// <summary>The keys of a batch's rows as hashes of 128 bits, so that each takes 16 bytes: two keys of a million have the same hash once in
/// 10^26 batches.</summary>
/// <param name="maxKeys">How many there may be; it bounds memory.</param>
internal sealed class KeySet(int maxKeys)
{
    private const int FirstSlots = 1024;
    private const int KeptSlots = 32 << 10;

    private readonly XxHash128 _hash = new();
    private UInt128[] _slots = new UInt128[FirstSlots];
    private int _count;

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        if (_slots.Length > KeptSlots)
            _slots = new UInt128[FirstSlots];
        else if (_count > 0)
            Array.Clear(_slots);
        _count = 0;
    }

    /// <summary>Starts a key.</summary>
    public void Begin() => _hash.Reset();

    /// <summary>Adds a value to the key, with its length, so that no two keys run together.</summary>
    public void Append(ReadOnlySpan<byte> value)
    {
        _hash.Append(BitConverter.GetBytes(value.Length));
        _hash.Append(value);
    }

    /// <returns>False when the key is there already.</returns>
    /// <exception cref="TerminalException"><c>TooManyKeys</c>.</exception>
    public bool TryAdd() => TryAdd(_hash.GetCurrentHashAsUInt128());

    /// <param name="hash">Of a key.</param>
    /// <inheritdoc cref="TryAdd()"/>
    public bool TryAdd(UInt128 hash)
    {
        // Zero marks a free place.
        if (hash == UInt128.Zero)
            hash = UInt128.One;
        if (_count >= _slots.Length / 4 * 3)
            Grow();
        var at = Find(_slots, hash);
        if (_slots[at] == hash)
            return false;
        if (_count == maxKeys)
        {
            throw new TerminalException(FailureKind.TooLarge, "TooManyKeys",
                $"The contract says 'unique' or 'dedupe', and the batch has more than {maxKeys} keys. Nothing was stored. Send it in smaller batches.", "key");
        }

        _slots[at] = hash;
        _count++;
        return true;
    }

    private static int Find(UInt128[] slots, UInt128 hash)
    {
        var at = (int)((ulong)hash & (ulong)(slots.Length - 1));
        while (slots[at] != UInt128.Zero && slots[at] != hash)
            at = (at + 1) & (slots.Length - 1);
        return at;
    }

    private void Grow()
    {
        var larger = new UInt128[_slots.Length * 2];
        foreach (var hash in _slots)
        {
            if (hash != UInt128.Zero)
                larger[Find(larger, hash)] = hash;
        }

        _slots = larger;
    }
}
