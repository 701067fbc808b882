using System.Net;

namespace Maestro.Edge;

/// <summary>The two decisions that keep traffic in the right hands: whose switch counts, and where traffic may go.</summary>
internal class EdgeRules
{
    /// <summary>Keeps out whoever acts with a token that somebody has overtaken since.</summary>
    /// <param name="highest">The highest token that was ever seen for the environment.</param>
    public virtual bool Admits(long token, long highest) => token >= highest;

    /// <summary>Traffic stays on this machine: plain http, a loopback address, nothing but host and port.</summary>
    public virtual bool Reaches(Uri address) =>
        address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttp && address.PathAndQuery == "/" && address.Fragment.Length == 0
        && address.UserInfo.Length == 0
        && (address.Host == "localhost" || (IPAddress.TryParse(address.DnsSafeHost, out var ip) && IPAddress.IsLoopback(ip)));
}
