using Maestro.Outside;

namespace Maestro.Cluster;

/// <summary>The database answers a read.</summary>
internal sealed class DatabaseReadiness(IDeploymentLog log) : IReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellation)
    {
        try
        {
            await log.ListAsync(null, 1, cancellation);
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
