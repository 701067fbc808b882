namespace Maestro.Identity;

/// <summary>Who silo code outside of grains acts as: <c>using (CallerScope.As(Role.Gateway))</c>. No effect inside grains.</summary>
public sealed class CallerScope : IDisposable
{
    private static readonly AsyncLocal<CallerScope?> Ambient = new();
    private readonly CallerScope? _outer;

    private CallerScope(Role role, Caller? behind)
    {
        (Role, Behind) = (role, behind);
        _outer = Ambient.Value;
        Ambient.Value = this;
    }

    /// <summary>The innermost scope; null outside of all.</summary>
    public static CallerScope? Current => Ambient.Value;

    public Role Role { get; }

    /// <summary>On whose behalf, as the code that opened the scope verified it.</summary>
    public Caller? Behind { get; }

    public static CallerScope As(Role role, Caller? behind = null) => new(role, behind);

    public void Dispose() => Ambient.Value = _outer;
}
