namespace Maestro.Identity;

/// <summary>Names the callers that a grain method admits. A method without it admits nobody.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AdmitsAttribute(params Role[] roles) : Attribute
{
    public IReadOnlyList<Role> Roles { get; } = roles;
}

/// <summary>Names the role whose principal a grain acts as when it calls others; a timer or reminder of it acts the same.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ActsAsAttribute(Role role) : Attribute
{
    public Role Role { get; } = role;
}
