using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Messages;

namespace Maestro.Identity;

/// <summary>Signs as the person whose key lies on this machine.</summary>
internal interface IPersonSigner
{
    /// <summary>The person's id in the roster.</summary>
    /// <exception cref="SentenceException">Nobody has logged in here.</exception>
    string Person(string folder);

    /// <exception cref="SentenceException">Nobody has logged in here.</exception>
    Envelope Sign(string folder, Decision decision);
}

/// <summary>Stands where nobody has logged in: it can sign nothing.</summary>
internal sealed class NobodySigner : IPersonSigner
{
    public string Person(string folder) => throw NotLoggedIn();

    public Envelope Sign(string folder, Decision decision) => throw NotLoggedIn();

    private static SentenceException NotLoggedIn() =>
        new("A decision is signed with your own key, and there is none here. Make one with: maestro login NAME", ExitCode.Refused);
}
