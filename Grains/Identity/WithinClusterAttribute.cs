namespace Maestro.Identity;

/// <summary>
/// Marks a grain interface as plumbing of the cluster, such as a queue: any silo may call it, no client may, and its methods need no
/// <see cref="AdmitsAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class WithinClusterAttribute : Attribute;
