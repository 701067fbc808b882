using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>
/// Makes and verifies call tokens: <c>base64url(JSON).base64url(Ed25519 signature)</c>, or between silos <c>base64url(JSON).SEALS</c>, see
/// <see cref="ICallSeals"/>.
/// </summary>
public static class CallTokens
{
    private const int LongestToken = 8 * 1024;

    /// <summary>Keeps a call's signature from being one over anything else.</summary>
    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("maestro.call/v1\n");

    /// <summary>A fresh token, good from now on for <see cref="CallToken.LongestLife"/>.</summary>
    /// <exception cref="RefusedException">The chain of callers is too long.</exception>
    public static string Issue(
        Signer sign, string subject, string audience, string target, ImmutableArray<string> chain, string? deployment, TimeProvider time,
        string? arguments = null, string? session = null)
    {
        CheckChain(chain, audience);
        return Sign(sign, Fresh(subject, audience, target, chain, deployment, time, arguments) with { Session = session });
    }

    /// <summary>A fresh token for this call, and for the session that goes with it.</summary>
    public static string IssueFor(
        IOutgoingGrainCallContext call, Signer sign, string subject, CallArguments arguments, TimeProvider time, string? session = null) => Issue(
            sign, subject, CallSite.Of(call).Audience, call.TargetId.ToString(), [], null, time, arguments.DigestOf(call.Request),
            session is null ? null : SessionCheck.DigestOf(session));

    public static string Sign(Signer sign, CallToken token) => Attest(message => Base64Url.EncodeToString(sign(message)), token);

    /// <summary>What a call says from now on.</summary>
    internal static CallToken Fresh(
        string subject, string audience, string target, ImmutableArray<string> chain, string? deployment, TimeProvider time, string? arguments)
    {
        var now = time.GetUtcNow();
        return new(subject, audience, target, now.ToUnixTimeMilliseconds(), (now + CallToken.LongestLife).ToUnixTimeMilliseconds(),
            Nonce.Fresh(), chain, deployment, arguments);
    }

    /// <param name="attest">Gives the signature, or the seals, over what it is given.</param>
    internal static string Attest(Func<byte[], string> attest, CallToken token)
    {
        var body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(token, StatementJson.Strict));
        return $"{body}.{attest(Signed(body))}";
    }

    /// <summary>The claims, if the subject's own key signed them for this method of this grain and they are good now.</summary>
    /// <param name="problem">What is wrong, fit to be shown; null where nothing is.</param>
    /// <param name="opens">Says whether these seals are good; null takes signatures only.</param>
    public static CallToken? Verify(
        string? text, IKeyring keyring, string audience, string target, DateTimeOffset now, out string? problem, SealCheck? opens = null)
    {
        problem = text switch
        {
            null => "no token",
            { Length: > LongestToken } => "a token that is too long",
            _ => null,
        };
        if (problem is not null || Read(text!, keyring, opens, out problem) is not { } token)
        {
            return null;
        }
        problem = Mismatch(token, audience, target, now);
        return problem is null ? token : null;
    }

    internal static void CheckChain(ImmutableArray<string> chain, string audience)
    {
        if (chain.Length > CallToken.LongestChain)
        {
            throw Refusal("call.chain", audience, $"at most {CallToken.LongestChain} callers behind a call", $"{chain.Length}");
        }
    }

    internal static RefusedException Refusal(string code, string method, string expected, string found) => new(new Reason(
        code, $"{method} admits only those whom it names.", expected, found,
        "Sign in as a person who has one of these roles, or ask an administrator for one; 'maestro login' renews the key."));

    private static CallToken? Read(string text, IKeyring keyring, SealCheck? opens, out string? problem)
    {
        problem = "a malformed token";
        var parts = text.Split('.');
        if (parts is not [var body, var attested] || Base64Text.Decode(body) is not { } json || Parsed(json) is not { } token
            || token.Chain.Length > CallToken.LongestChain || !token.Chain.All(Principal.IsOne)
            || !Nonce.IsOne(token.Nonce) || (token.Deployment is { } deployment && !DeploymentId.TryParse(deployment, out _)))
        {
            return null;
        }
        var (message, silo) = (Signed(body), Principal.RoleOf(token.Subject));
        var genuine = attested.StartsWith('~') ? silo is { } sealing && opens?.Invoke(sealing, message, attested) is true
            : Base64Text.Decode(attested) is { } signature && (silo is { } role
                ? keyring.Verify(role, message, signature)
                : Principal.IsPersonId(token.Subject) && keyring.VerifyPerson(token.Subject, message, signature));
        problem = genuine ? null : $"a token that {new UntrustedText(token.Subject).Shown(64)} did not sign";
        return genuine ? token : null;
    }

    private static string? Mismatch(CallToken token, string audience, string target, DateTimeOffset now)
    {
        var clock = now.ToUnixTimeMilliseconds();
        return token switch
        {
            _ when token.Audience != audience => $"a token of {token.Subject} for another method",
            _ when token.Target != target => $"a token of {token.Subject} for another grain",
            _ when token.ExpiresAt <= clock => $"an expired token of {token.Subject}",
            _ when token.IssuedAt > clock + (long)MessageCheck.Skew.TotalMilliseconds => $"a token of {token.Subject} from the future",
            _ when token.ExpiresAt - token.IssuedAt is var life && (life <= 0 || life > CallToken.LongestLife.TotalMilliseconds) =>
                string.Create(CultureInfo.InvariantCulture, $"a token of {token.Subject} that lives {life} ms"),
            _ => null,
        };
    }

    private static CallToken? Parsed(byte[] json)
    {
        try
        {
            return StatementJson.Read<CallToken>(StatementJson.Document(json));
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    private static byte[] Signed(string body) => [.. Domain, .. Encoding.UTF8.GetBytes(body)];
}

/// <summary>Whether a silo with this role sealed this message for the grain that it calls.</summary>
public delegate bool SealCheck(Role from, byte[] message, string seals);
