using System.Collections.Immutable;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A person's own key, for the client: it signs the person's calls and decisions.</summary>
internal sealed class PersonKey : IDisposable
{
    private readonly KeyFile _key;

    private PersonKey(KeyFile key) => _key = key;

    /// <summary>The person's id.</summary>
    public string Person => _key.Owner;

    public string PublicKey => _key.PublicKey;

    /// <exception cref="OutsideException">The file is missing, readable by others, or not a person's key.</exception>
    public static PersonKey Load(string path)
    {
        var key = KeyFile.Load(path);
        return Principal.IsPersonId(key.Owner)
            ? new PersonKey(key)
            : throw new OutsideException(new Deployments.Reason(
                "keys.file", $"A person's key is read from {path}.", "a person's key", "a key of another kind",
                "Sign in with 'maestro login'."));
    }

    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    /// <summary>A statement under the person's own signature.</summary>
    public Envelope Sign<T>(string predicateType, ImmutableArray<Subject> subjects, T predicate) =>
        Statements.SignAsPerson(Sign, Person, predicateType, subjects, predicate);

    public void Dispose() => _key.Dispose();
}
