using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A JSON document in a file, in an envelope that the root key signed.</summary>
internal static class SignedFile
{
    public static void Write<T>(string path, string payloadType, T document, KeyFile root)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(document, StatementJson.Strict);
        PrivateFile.Replace(path, Dsse.ToBytes(Dsse.Sign(payloadType, payload, root.Owner, root.Sign)));
    }

    /// <exception cref="OutsideException">The file cannot be read, or the root did not sign what it says.</exception>
    public static T Read<T>(string path, string payloadType, string rootPublicKey)
    {
        try
        {
            return Of<T>(File.ReadAllBytes(path), payloadType, rootPublicKey, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, exception.Message, exception);
        }
    }

    /// <summary>The document in an envelope.</summary>
    /// <param name="signer">The public key in base64 whose signature counts.</param>
    /// <param name="what">Where the envelope is from, in words.</param>
    /// <exception cref="OutsideException">That key did not sign what it says, or it is no such document.</exception>
    public static T Of<T>(ReadOnlySpan<byte> envelope, string payloadType, string signer, string what)
    {
        try
        {
            var payload = Dsse.Open(Dsse.FromBytes(envelope), payloadType, (message, signature) => KeyFile.Verify(signer, message, signature));
            return StatementJson.Read<T>(StatementJson.Document(payload));
        }
        catch (RefusedException refused)
        {
            throw Problem(what, $"{refused.Reason.Code}: {refused.Reason.Found}", refused);
        }
    }

    private static OutsideException Problem(string what, string found, Exception inner) => new(new Reason(
        "keys.signed-file", $"{what} counts only with the root key's signature.", "the document as the root signed it", found,
        "Restore it from a copy; nothing starts with one that somebody changed."), inner);
}
