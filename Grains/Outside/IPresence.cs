using Maestro.Identity;

namespace Maestro.Outside;

/// <summary>Who is there to do the work.</summary>
public interface IPresence
{
    /// <summary>Whether a live silo has the role. Seconds may pass until a change is seen.</summary>
    bool HasSiloWith(Role role);
}
