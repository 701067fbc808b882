using System.Collections.Immutable;

namespace Maestro.Applications;

/// <summary>An application as an administrator registered it: which repository may touch which environments.</summary>
/// <param name="Name">Lower-case letters, digits and dashes, 1 to 40 characters, beginning with a letter.</param>
/// <param name="Repository">Where the git host finds it; for the local host an absolute path.</param>
/// <param name="Team">Whose desk approves.</param>
[GenerateSerializer, Immutable, Alias("maestro.application")]
public sealed record Application(
    [property: Id(0)] string Name, [property: Id(1)] string Host, [property: Id(2)] string Owner, [property: Id(3)] string Repository,
    [property: Id(4)] string Team, [property: Id(5)] string Engine,
    [property: Id(6)] EnvironmentSettings Staging, [property: Id(7)] EnvironmentSettings Production)
{
    /// <exception cref="ArgumentException">The name is neither staging nor production.</exception>
    public EnvironmentSettings Environment(string name) => name switch
    {
        EnvironmentSettings.StagingName => Staging,
        EnvironmentSettings.ProductionName => Production,
        _ => throw new ArgumentException($"'{name}' is not an environment; an application has staging and production.", nameof(name)),
    };
}

/// <summary>What an administrator allows one environment.</summary>
/// <param name="Port">The loopback port at which the edge serves it, 1 to 65535.</param>
/// <param name="Approvals">How many people must approve, from 1; a plan that destroys or touches public endpoints asks for one more.</param>
[GenerateSerializer, Immutable, Alias("maestro.environment-settings")]
public sealed record EnvironmentSettings([property: Id(0)] string Name, [property: Id(1)] int Port, [property: Id(2)] int Approvals)
{
    public const string StagingName = "staging";
    public const string ProductionName = "production";
}

/// <summary>The result of registering: the application as stored.</summary>
[GenerateSerializer, Immutable, Alias("maestro.applications")]
public sealed record ApplicationList([property: Id(0)] ImmutableArray<Application> Applications);
