using System.Text.Json;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Approvals;

/// <summary>What a person signed with the gateway's signature around it, as the gateway makes it where it finds nothing wrong.</summary>
internal static class Countersign
{
    /// <summary>As it is kept in evidence. The gateway received it when it was signed, and has checked nothing.</summary>
    public static string Text(IKeyring keyring, PersonKey key, Decision decision) =>
        Text(keyring, PersonSigner.Sign(key, decision), decision);

    public static string Text(IKeyring keyring, PersonKey key, GlassBreak word) => Text(keyring, PersonSigner.Sign(key, word), word);

    public static string Text(IKeyring keyring, Envelope signed, IPersonsWord word) => JsonSerializer.Serialize(Of(keyring, signed, word));

    public static Envelope Of(IKeyring keyring, Envelope signed, IPersonsWord word) =>
        Countersigning.Receive(keyring, signed, word.Person, word.Person, word.IssuedAt);
}
