using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Maestro.Identity;

/// <summary>Names a call's arguments by a digest, so that a token counts for the call that it was signed for and no other.</summary>
public sealed class CallArguments(Serializer serializer)
{
    /// <summary>SHA-256 over the arguments as they cross the network, in base64url; null where there are none.</summary>
    public string? DigestOf(IInvokable call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        var count = 0;
        for (var place = 0; place < call.GetArgumentCount(); place++)
        {
            if (call.GetArgument(place) is var argument && argument is not CancellationToken)
            {
                var bytes = serializer.SerializeToArray<object?>(argument);
                BinaryPrimitives.WriteInt64BigEndian(length, bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
                count++;
            }
        }
        return count > 0 ? Base64Url.EncodeToString(hash.GetHashAndReset()) : null;
    }
}
