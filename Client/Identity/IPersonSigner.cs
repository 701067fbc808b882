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

    /// <exception cref="SentenceException">Nobody has logged in here.</exception>
    Envelope Sign(string folder, GlassBreak word);
}
