using Maestro.Cluster;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;

namespace Maestro.Doctor;

/// <summary>What the database login of a silo may do, where the environment names one.</summary>
internal static class DatabaseCheck
{
    private const string Check = "database login";

    /// <param name="roles">What the silo acts as, with commas; null for everything.</param>
    public static async Task<CheckResult> RunAsync(string text, string? roles, CancellationToken cancellation)
    {
        try
        {
            var acts = string.IsNullOrWhiteSpace(roles) ? SiloRoles.All : SiloRoles.Parse(roles);
            return await DatabaseLogin.FindFaultAsync(text, acts, cancellation) is { } fault
                ? new(Check, fault.Code == DatabaseLogin.Strong ? Health.Limited : Health.Missing, fault.Found, fault.Rule, fault.WayOut)
                : new(Check, Health.Fine, "no stronger than its roles need", "Whoever takes the silo over gets no more of the database than that.", "");
        }
        catch (OutsideException away)
        {
            return new(Check, Health.Limited, away.Reason.Found, "What the login may do could not be looked up.", away.Reason.WayOut);
        }
        catch (RefusedException refused)
        {
            return new(Check, Health.Missing, refused.Reason.Found, refused.Reason.Rule, refused.Reason.WayOut);
        }
    }
}
