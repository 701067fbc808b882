using Maestro.Deployments;

namespace Maestro.Outside;

/// <summary>Calls people.</summary>
public interface INotifier
{
    /// <summary>Tells the people who watch over <paramref name="subject"/>. A notifier that fails never fails the caller.</summary>
    Task NotifyAsync(string subject, Reason reason, CancellationToken cancellation);

    /// <summary>As above, for a call that a crash may repeat: the same <paramref name="id"/> is the same call.</summary>
    Task NotifyAsync(string id, string subject, Reason reason, CancellationToken cancellation) => NotifyAsync(subject, reason, cancellation);
}

/// <summary>Names of environments for people and other services.</summary>
public interface INames
{
    /// <summary>Points the environment's name at a port of this machine; pointing it there again is success.</summary>
    Task PointAsync(EnvironmentKey environment, int port, CancellationToken cancellation);
}
