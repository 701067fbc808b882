namespace Maestro.Outside;

/// <summary>Which nonces were used, kept durably for as long as their messages could be fresh.</summary>
public interface INonceStore
{
    /// <summary>Remembers that this receiver took a message with this nonce. True once that is durable; false where it took one before.</summary>
    /// <param name="until">From when on the message is refused for its age anyway.</param>
    /// <exception cref="OutsideException">It was not remembered, or it is not known whether it was.</exception>
    Task<bool> UseAsync(string receiver, string nonce, DateTimeOffset until);

    /// <summary>Forgets nonces whose message was too old before this moment. Returns how many, at most <paramref name="count"/>.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, int count, CancellationToken cancellation);
}

/// <summary>Which silos there are, for what a message says of where it comes from.</summary>
public interface IOrigins
{
    /// <summary>The name under which this silo signs where a message comes from.</summary>
    string Here { get; }

    /// <summary>Whether the name is, or a short while ago was, that of a silo with this role.</summary>
    bool Fits(Identity.Role role, string silo);
}
