using System.Runtime.Versioning;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>Reads and writes the state of one environment, with its digest, at
/// <c>{root}/{application}/{environment}.state.json</c>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StateFile(EnvironmentKey environment, EnvironmentFiles files)
{
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>The state and the digest of its canonical form; null before the first apply.</summary>
    /// <exception cref="OutsideException">The file is damaged, or missing although applies were made.</exception>
    /// <exception cref="RefusedException">The file is another environment's.</exception>
    public (State State, string Digest)? Read()
    {
        try
        {
            if (!File.Exists(files.State))
            {
                return files.HasJournal
                    ? throw Refusals.StateDamaged(files.State, "the file is gone, but the journal says it was there")
                    : null;
            }
            if (new FileInfo(files.State).Length > Largest)
            {
                throw Refusals.StateDamaged(files.State, "the file is too large");
            }
            var sealedState = CanonicalJson.Read<SealedState>(File.ReadAllBytes(files.State));
            return sealedState is { State: var state } && Digest.Of(CanonicalJson.Write(state)).Hex == sealedState.Digest
                && state.Version == State.CurrentVersion && state.Lineage.Length > 0
                ? Own(state, sealedState.Digest)
                : throw Refusals.StateDamaged(files.State, "the content is not what the engine wrote");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refusals.Disk($"cannot read {files.State}: {refused.Message}", refused);
        }
    }

    public void Write(State state, Action<string>? between)
    {
        try
        {
            AtomicFile.Write(files.State, CanonicalJson.Write(new SealedState(Digest.Of(CanonicalJson.Write(state)).Hex, state)), between);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refusals.Disk($"cannot write {files.State}: {refused.Message}", refused);
        }
    }

    private (State State, string Digest) Own(State state, string digest) =>
        state.Application == environment.Application && state.Environment == environment.Environment
            ? (state, digest)
            : throw Refusals.StateForeign(files.State, $"the state of '{Refusals.Shown($"{state.Application}/{state.Environment}")}'");

    private sealed record SealedState(string Digest, State State);
}
