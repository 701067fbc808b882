namespace Maestro.Identity;

/// <summary>
/// Marks a grain method that changes who may do what, opens what is guarded, or decides: where people sign in with an outside issuer, it needs a sign-in
/// with more than one factor, not long ago.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StepUpAttribute : Attribute;
