using System.CommandLine;

namespace Maestro.Commands;

/// <summary>Verbs whose arguments are their own; here they only have a place in the help.</summary>
internal static class PassedVerb
{
    public static Command Edge() => new("edge", "Own the ports that users reach (started by 'up').") { TreatUnmatchedTokensAsErrors = false };

    public static Command Work() => new("work", "Launch one piece of sandboxed work.") { TreatUnmatchedTokensAsErrors = false, Hidden = true };
}
