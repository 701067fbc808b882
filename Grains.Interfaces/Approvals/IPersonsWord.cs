namespace Maestro.Approvals;

/// <summary>Something that a person signs with the own key, for a short time.</summary>
public interface IPersonsWord
{
    /// <summary>The signer's roster id.</summary>
    string Person { get; }

    DateTimeOffset IssuedAt { get; }

    /// <summary>After this it is refused; at most 15 minutes after <see cref="IssuedAt"/>.</summary>
    DateTimeOffset Expires { get; }
}
