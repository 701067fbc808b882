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
    Operator,

    /// <summary>A person who may register applications and people.</summary>
    Administrator,

    /// <summary>Runs the code of changes: builds and tests. It is last because the numbers of the others are in messages.</summary>
    Build,
}
