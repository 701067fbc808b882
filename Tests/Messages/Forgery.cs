using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Messages;

/// <summary>Messages as an attacker makes them.</summary>
internal static class Forgery
{
    public static DeploymentId Other { get; } = DeploymentId.Of("local", "acme", "shop", 9999);

    public static Envelope Signed<T>(IKeyring keyring, Role role, string type, T message)
        where T : IBoundMessage
    {
        ImmutableArray<Subject> subjects = [Subject.Of(message.Binding.Effect, Digest.Of(Encoding.UTF8.GetBytes(message.Binding.Effect)))];
        return Statements.Sign(keyring, role, type, subjects, message);
    }

    /// <summary>With nobody's signature: 64 random bytes.</summary>
    public static Envelope Unsigned(this Envelope envelope) => envelope with
    {
        Signatures = [new("role:control", Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)))],
    };

    /// <summary>Which says that another key than the one that signed it did.</summary>
    public static Envelope Naming(this Envelope envelope, Role role) =>
        envelope with { Signatures = [envelope.Signatures[0] with { KeyId = Principal.OfRole(role) }] };

    /// <summary>Signed properly over a payload of this many bytes: white space after a statement changes nothing in it.</summary>
    public static Envelope Padded(this Envelope envelope, IKeyring keyring, Role role, int bytes) =>
        Signed(keyring, role, StatementTypes.Payload, Encoding.UTF8.GetBytes(TextOf(envelope).PadRight(bytes)));

    /// <summary>Signed properly with something after the statement.</summary>
    public static Envelope Followed(this Envelope envelope, IKeyring keyring, Role role, string more) =>
        Signed(keyring, role, StatementTypes.Payload, Encoding.UTF8.GetBytes(TextOf(envelope) + more));

    /// <summary>Signed properly as another type.</summary>
    public static Envelope Typed(this Envelope envelope, IKeyring keyring, Role role, string payloadType) =>
        Signed(keyring, role, payloadType, Convert.FromBase64String(envelope.Payload));

    /// <summary>In the URL-safe alphabet.</summary>
    public static Envelope UrlSafe(this Envelope envelope) => envelope with
    {
        Payload = UrlSafe(envelope.Payload),
        Signatures = [.. envelope.Signatures.Select(signature => signature with { Sig = UrlSafe(signature.Sig) })],
    };

    private static string UrlSafe(string base64) => base64.Replace('+', '-').Replace('/', '_');

    private static string TextOf(Envelope envelope) => Encoding.UTF8.GetString(Convert.FromBase64String(envelope.Payload));

    private static Envelope Signed(IKeyring keyring, Role role, string payloadType, byte[] payload)
    {
        var signature = keyring.Sign(role, Dsse.Pae(payloadType, payload));
        return new(Convert.ToBase64String(payload), payloadType, [new(Principal.OfRole(role), Convert.ToBase64String(signature))]);
    }

    public static Binding Expired(this Binding binding) =>
        binding with { IssuedAt = binding.IssuedAt.AddMinutes(-11), ExpiresAt = binding.IssuedAt.AddMinutes(-1) };

    public static Binding Early(this Binding binding) =>
        binding with { IssuedAt = binding.IssuedAt.AddMinutes(5), ExpiresAt = binding.IssuedAt.AddMinutes(6) };

    public static Binding LongLived(this Binding binding) => binding with { ExpiresAt = binding.IssuedAt.AddDays(1) };

    public static Binding Elsewhere(this Binding binding) =>
        binding with { Deployment = Other, Effect = Binding.EffectOf(Other, binding.Attempt, binding.Stage) };
}
