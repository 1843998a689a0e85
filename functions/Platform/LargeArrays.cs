using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPlatform;

/// <summary>
/// Pools of arrays, of which all threads share the large ones. <see cref="ArrayPool{T}.Shared"/> keeps one of each size for every thread, so that what a
/// batch of rows needs piles up on each thread that ever worked on one. Here the one given back last is taken first, and what is
/// kept is bounded, however many threads there are.
/// </summary>
internal static class LargeArrays
{
    /// <summary>What all pools together keep; what is given back beyond it goes to the garbage collector.</summary>
    public const long MostKeptBytes = 64L << 20;

    // Smaller ones are asked for often, and are cheapest where each thread has its own.
    private const int SmallBytes = 32 << 10;
    private static long _keptBytes;

    /// <summary>What all pools together keep now.</summary>
    public static long KeptBytes => Interlocked.Read(ref _keptBytes);

    /// <summary>The pool of arrays of a type. What is in an array that it gives is anything.</summary>
    public static ArrayPool<T> Of<T>() => Pool<T>.Instance;

    private sealed class Pool<T> : ArrayPool<T>
    {
        public static readonly Pool<T> Instance = new();

        private readonly Stack<T[]>[] _bySize = [.. Enumerable.Range(0, 31).Select(_ => new Stack<T[]>())];

        public override T[] Rent(int minimumLength)
        {
            if (IsSmall(minimumLength))
                return Shared.Rent(minimumLength);
            if (minimumLength > 1 << 30)
                return new T[minimumLength];
            var size = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)minimumLength));
            lock (_bySize)
            {
                if (_bySize[size].TryPop(out var kept))
                {
                    Interlocked.Add(ref _keptBytes, -BytesOf(kept.Length));
                    return kept;
                }
            }

            return GC.AllocateUninitializedArray<T>(1 << size);
        }

        public override void Return(T[] array, bool clearArray = false)
        {
            if (IsSmall(array.Length))
            {
                Shared.Return(array, clearArray);
                return;
            }

            if (!BitOperations.IsPow2(array.Length))
                return;
            if (clearArray)
                Array.Clear(array);
            if (Interlocked.Add(ref _keptBytes, BytesOf(array.Length)) > MostKeptBytes)
            {
                Interlocked.Add(ref _keptBytes, -BytesOf(array.Length));
                return;
            }

            lock (_bySize)
                _bySize[BitOperations.Log2((uint)array.Length)].Push(array);
        }

        // By the rounded length, so that an array goes back to where it came from.
        private static bool IsSmall(int length) => BytesOf((int)Math.Min(1 << 30, BitOperations.RoundUpToPowerOf2((uint)length))) <= SmallBytes;

        private static long BytesOf(int length) => (long)length * Unsafe.SizeOf<T>();
    }
}
