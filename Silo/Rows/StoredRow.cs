using System.Text.Json;
using Maestro.Messages;
using Orleans.Storage;

namespace Maestro.Rows;

/// <summary>A row as it is in the database: one line that is signed, the signature, and the state as its grain wrote it.</summary>
internal sealed class StoredRow
{
    private const byte End = (byte)'\n';

    private static ReadOnlySpan<byte> Form => "maestro.row/v1 "u8;

    /// <summary>Nothing where there is no row.</summary>
    public byte[] Bytes { get; init; } = [];

    public static StoredRow Of(RowSeal seal, byte[] signature, ReadOnlySpan<byte> content) => new()
    {
        Bytes = [.. Form, .. JsonSerializer.SerializeToUtf8Bytes(new Line(seal, Convert.ToBase64String(signature)), StatementJson.Strict), End, .. content],
    };

    /// <summary>What they say of themselves; null where it is no signed row.</summary>
    public static (RowSeal Seal, byte[] Signature, byte[] Content)? Read(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Form) || Array.IndexOf(bytes, End) is not (> 0 and var end))
        {
            return null;
        }
        try
        {
            var line = JsonSerializer.Deserialize<Line>(bytes.AsSpan(Form.Length, end - Form.Length), StatementJson.Strict);
            return line is { Seal: { Mark: not null } seal } && Base64Text.DecodeStandard(line.Signature) is { } signature
                ? (seal, signature, bytes[(end + 1)..]) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Line(RowSeal Seal, string Signature);
}

/// <summary>Rows as they are; what is in them is serialized before.</summary>
internal sealed class StoredRowSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(((StoredRow)(object)input!).Bytes);

    public T Deserialize<T>(BinaryData input) => (T)(object)new StoredRow { Bytes = input.ToArray() };
}
