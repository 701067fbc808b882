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
            var envelope = Dsse.FromBytes(File.ReadAllBytes(path));
            var payload = Dsse.Open(envelope, payloadType, (message, signature) => KeyFile.Verify(rootPublicKey, message, signature));
            return JsonSerializer.Deserialize<T>(payload, StatementJson.Strict) ?? throw new JsonException("null");
        }
        catch (Exception exception) when (exception is RefusedException or JsonException or FormatException)
        {
            var found = exception is RefusedException refused
                ? $"{refused.Reason.Code}: {refused.Reason.Found}"
                : "a document of another form";
            throw Problem(path, found, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, exception.Message, exception);
        }
    }

    private static OutsideException Problem(string path, string found, Exception inner) => new(new Reason(
        "keys.signed-file", $"{path} counts only with the root key's signature.", "the document as the root signed it", found,
        "Restore the file from a copy; nothing starts with one that somebody changed."), inner);
}
