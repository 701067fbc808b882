using Maestro.Identity;

namespace Maestro.Outside;

/// <summary>Verifies sessions, which an issuer of OpenID Connect gives to people who sign in.</summary>
public interface ISessions
{
    /// <summary>Whether each call of a person needs a session beside the person's key.</summary>
    bool AreDemanded { get; }

    /// <summary>What is asked for where a method wants more than one factor; null where nothing is.</summary>
    StepUp? StepUp { get; }

    /// <summary>What the token says, where the issuer signed it for this installation and it is good now.</summary>
    ValueTask<SessionReading> ReadAsync(string token);
}

/// <summary>A verified session, or why there is none.</summary>
/// <param name="Problem">What was found instead, fit to be shown; empty where nothing is wrong.</param>
public readonly record struct SessionReading(Session? Session, string Problem = "");
