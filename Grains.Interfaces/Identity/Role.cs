namespace Maestro.Identity;

/// <summary>Who a caller may be: a silo's role, or what a person may do. A person may hold several.</summary>
[GenerateSerializer, Alias("maestro.role")]
public enum Role
{
    /// <summary>Nobody; the default, so that a missing role admits nothing.</summary>
    None,
    Control,
    Review,
    Infrastructure,
    Deployment,
    Desk,
    Custody,
    Gateway,
    Ledger,

    /// <summary>A person who may look.</summary>
    Viewer,

    /// <summary>A person who may open deployments.</summary>
    Author,

    /// <summary>A person who may approve and reject.</summary>
    Reviewer,

    /// <summary>A person who may abort, retry, roll back and release holds.</summary>
    Sre,

    /// <summary>A person who may register applications and people.</summary>
    Admin,

    /// <summary>Runs the code of changes: builds and tests. It is after the people because numbers are in messages.</summary>
    Build,

    /// <summary>A person who hears a sender again that was cut off, and may be the second of two who break the glass.</summary>
    Security,
}
