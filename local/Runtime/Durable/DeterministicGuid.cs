using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Name-based UUIDs, version 5 (RFC 9562, section 5.5).</summary>
internal static class DeterministicGuid
{
    /// <summary>The namespace that Durable Functions uses, so that the same name gives the same id on both hosts.</summary>
    private static readonly Guid Namespace = Guid.Parse("9e952958-5e33-4daf-827f-2fa12937b875");

    public static Guid Create(string name)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        byte[] input = new byte[16 + length];
        Namespace.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, input.AsSpan(16));
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Version 5 is defined with SHA-1; nothing here is secret.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
