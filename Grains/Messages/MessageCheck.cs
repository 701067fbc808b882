using System.Globalization;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Messages;

/// <summary>What the receiver of a message expects of its binding. Null expects nothing in particular.</summary>
public sealed record MessageExpectation(Role Audience, DeploymentId Deployment, int? Attempt = null, Stage? Stage = null, int? Try = null);

/// <summary>How a receiver compares a message with what it expects: <see cref="MessageCheck.Check"/>.</summary>
/// <exception cref="RefusedException">With the code of the first difference.</exception>
public delegate void MessageRule(IBoundMessage message, MessageExpectation expected, DateTimeOffset now, NonceMemory nonces);

/// <summary>Compares a message's binding with what the receiver expects, before anything else in the message is used.</summary>
public static class MessageCheck
{
    /// <summary>How far the clocks of two silos may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>How long a message may be good for.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    /// <exception cref="RefusedException">With the code of the first difference; see <see cref="MessageRefusal"/>.</exception>
    public static void Check(IBoundMessage message, MessageExpectation expected, DateTimeOffset now, NonceMemory nonces)
    {
        var binding = message.Binding;
        CheckForm(message);
        CheckPlace(binding, expected);
        CheckTime(binding, now);
        if (!nonces.TryUse(binding.Nonce, binding.ExpiresAt + Skew))
        {
            throw MessageRefusal.Replayed();
        }
    }

    private static void CheckForm(IBoundMessage message)
    {
        var binding = message.Binding;
        if (message.Misfit() is { } misfit)
        {
            throw MessageRefusal.Malformed(misfit);
        }
        if (binding.Attempt < 1 || binding.Try < 1 || !Enum.IsDefined(binding.Stage) || !Nonce.IsOne(binding.Nonce))
        {
            throw MessageRefusal.Malformed("a binding with an impossible value");
        }
        Compare(MessageRefusal.EffectCode, Binding.EffectOf(binding.Deployment, binding.Attempt, binding.Stage), binding.Effect);
    }

    private static void CheckPlace(Binding binding, MessageExpectation expected)
    {
        Compare(MessageRefusal.AudienceCode, expected.Audience, binding.Audience);
        Compare(MessageRefusal.DeploymentCode, expected.Deployment, binding.Deployment);
        Compare(MessageRefusal.AttemptCode, expected.Attempt ?? binding.Attempt, binding.Attempt);
        Compare(MessageRefusal.StageCode, expected.Stage ?? binding.Stage, binding.Stage);
        Compare(MessageRefusal.TryCode, expected.Try ?? binding.Try, binding.Try);
    }

    private static void CheckTime(Binding binding, DateTimeOffset now)
    {
        if (binding.ExpiresAt <= binding.IssuedAt || binding.ExpiresAt - binding.IssuedAt > LongestLife)
        {
            throw MessageRefusal.Binding(
                MessageRefusal.LifetimeCode, "a life of at most 10 minutes", (binding.ExpiresAt - binding.IssuedAt).ToString("c"));
        }
        if (binding.IssuedAt > now + Skew)
        {
            throw MessageRefusal.Binding(MessageRefusal.EarlyCode, "a message of the past", Text(binding.IssuedAt));
        }
        if (binding.ExpiresAt + Skew < now)
        {
            throw MessageRefusal.Binding(MessageRefusal.ExpiredCode, "a message that has not expired", Text(binding.ExpiresAt));
        }
    }

    private static void Compare<T>(string code, T expected, T found)
        where T : notnull
    {
        if (!expected.Equals(found))
        {
            throw MessageRefusal.Binding(code, expected.ToString() ?? "", found.ToString() ?? "");
        }
    }

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}
