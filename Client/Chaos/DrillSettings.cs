namespace Maestro.Chaos;

/// <summary>What a drill is asked for.</summary>
/// <param name="Silos">How many silos the cluster has, 2 to 9.</param>
/// <param name="Kills">How many times silos or the database are killed, from 0.</param>
/// <param name="Seed">Chooses faults and moments; the same seed asks for the same ones in the same order.</param>
/// <param name="Applications">How many applications are delivered at the same time, 1 to 16.</param>
/// <param name="Others">Faults that are no kill are dealt between the kills too.</param>
/// <param name="StopFor">How long a silo that was stopped with SIGSTOP stays so at least; it is always long enough to be declared dead.</param>
/// <param name="BurnFor">How long all processors are kept busy at the end, to see that no healthy silo is given up; zero for not at all.</param>
internal sealed record DrillSettings(
    int Silos, int Kills, int Seed, int Applications, bool Others = true, TimeSpan StopFor = default, TimeSpan BurnFor = default)
{
    /// <summary>How long a deployment may take in all, with its kills.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(6);
}
