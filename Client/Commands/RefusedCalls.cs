using System.Collections.Frozen;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Commands;

/// <summary>A call that was not admitted, in the words of the person who made it: what it was, which role it needs, and who they are.</summary>
internal static class RefusedCalls
{
    private const string Code = "call.refused";
    private const string SessionCode = "call.session";
    private const string StepUpCode = "call.step-up";

    private static readonly FrozenDictionary<string, string> Deeds = new Dictionary<string, string>
    {
        ["maestro.IApplicationsGrain/AddAsync"] = "Registering an application",
        ["maestro.IApplicationsGrain/ListAsync"] = "Listing applications",
        ["maestro.IApplicationsGrain/FindAsync"] = "Looking up an application",
        ["maestro.ICatalogueGrain/ListAsync"] = "Listing deployments",
        ["maestro.IDeploymentGrain/GetAsync"] = "Looking at a deployment",
        ["maestro.IDeploymentGrain/CommandAsync"] = "Stopping, retrying or rolling back a deployment",
        ["maestro.IGatewayGrain/OpenAsync"] = "Opening a deployment",
        ["maestro.IApprovalDeskGrain/ListAsync"] = "Looking at what waits for people",
        ["maestro.IGatewayGrain/DecideAsync"] = "Approving or rejecting",
        ["maestro.IGatewayGrain/BreakGlassAsync"] = "Breaking the glass",
        ["maestro.IEnvironmentGrain/GetAsync"] = "Looking at an environment",
        ["maestro.IEnvironmentGrain/ReleaseHoldAsync"] = "Lifting a hold",
        ["maestro.ILedgerGrain/AcceptRowAsync"] = "Accepting a row of the database",
        ["maestro.ILedgerGrain/TailAsync"] = "Reading the ledger",
        ["maestro.ILedgerGrain/VerifyAsync"] = "Verifying the ledger",
        ["maestro.ILedgerGrain/CheckDocumentsAsync"] = "Verifying the ledger",
        ["maestro.ILedgerGrain/ReadAsync"] = "Reading the ledger",
        ["maestro.ILedgerGrain/SeekAsync"] = "Reading the ledger",
        ["maestro.ICheckpointGrain/GrowthAsync"] = "Reading the ledger's checkpoint",
        ["maestro.ICheckpointGrain/OutsideAsync"] = "Reading the ledger's checkpoint",
        ["maestro.ICheckpointGrain/ProveAsync"] = "Proving an entry of the ledger",
        ["maestro.IBundleGrain/ExportAsync"] = "Exporting a deployment for an auditor",
        ["maestro.ICustodyGrain/RepeatAsync"] = "Repeating the checks before production",
        ["maestro.ISendersGrain/ListAsync"] = "Looking at who sends messages",
        ["maestro.ISendersGrain/LiftAsync"] = "Lifting a cut-off",
        ["maestro.IAgentGrain/OrdersAsync"] = "Looking at an agent's orders",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a person's call of this method has words of its own.</summary>
    public static bool Names(string method) => Deeds.ContainsKey(method);

    /// <summary>The sentence; null where the reason is about something else.</summary>
    public static string? Of(Reason reason)
    {
        if (reason.Code is SessionCode or StepUpCode && reason.Rule.Split(' ', 2) is [var called, _])
        {
            return OfSession(reason, Deeds.GetValueOrDefault(called, "This"));
        }
        if (reason.Code != Code || reason.Rule.Split(' ', 2) is not [var method, _])
        {
            return null;
        }
        var deed = Deeds.GetValueOrDefault(method, "This");
        if (reason.Found == "no token")
        {
            return $"{deed} needs a person, and nobody is logged in here. Log in with: maestro login NAME";
        }
        var roles = RolesIn(reason.Expected);
        if (reason.Found.Split(" with ", 2) is not [var caller, var held] || roles.Length == 0)
        {
            return $"{deed} was refused: the silo found {reason.Found}. Log in again with: maestro login NAME";
        }
        var has = held == "no role" ? held : RolesIn(held) is [_, ..] own ? Listed(own, "and") : "no role of a person";
        return $"{deed} needs the role {Listed(roles, "or")}; you are {Plain(caller)} with {has}. "
            + "Ask an administrator for it, or log in as somebody who has it: maestro login NAME";
    }

    private static string OfSession(Reason reason, string deed) => reason.Code == StepUpCode
        ? $"{deed} needs {reason.Expected}; the silo found {reason.Found}. Sign in again, with a second factor: maestro login"
        : $"{deed} needs {reason.Expected}; the silo found {reason.Found}. Sign in with: maestro login";

    // Only roles that a person can have: the silo's own are of no use to whoever reads this.
    private static string[] RolesIn(string text) =>
        [.. text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Where(IsOfPeople).Select(word => word.ToLowerInvariant())];

    private static bool IsOfPeople(string word) => Enum.TryParse<Role>(word, out var role) && Principal.PeopleRoles.Contains(role);

    private static string Plain(string caller) => caller[(caller.LastIndexOfAny([':', '/']) + 1)..];

    private static string Listed(string[] words, string last) =>
        words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} {last} {words[^1]}";
}
