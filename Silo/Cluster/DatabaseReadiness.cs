using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Cluster;

/// <summary>The database answers a read, one that every role may do.</summary>
internal sealed class DatabaseReadiness(ITrustStore store) : IReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellation)
    {
        try
        {
            await store.ReadAsync(long.MaxValue, 1, cancellation);
            return null;
        }
        catch (OutsideException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException)
        {
            return "The database did not answer within two seconds.";
        }
    }
}
