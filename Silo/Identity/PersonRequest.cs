using System.Text;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A person's wish to be enrolled with a key of their own making. It is public; whoever enrols must know whom it is from.</summary>
/// <param name="PublicKey">32 bytes in base64.</param>
/// <param name="Proof">A signature by that key over the person's name.</param>
internal sealed record PersonRequest(string Person, string PublicKey, string Proof)
{
    /// <summary>Whether whoever made the request has the key.</summary>
    public bool IsHeld => RegisteredKey.IsKey(PublicKey) && Base64Text.Decode(Proof) is { } proof && KeyFile.Verify(PublicKey, Signed(Person), proof);

    /// <summary>Makes the person's key, unless there is one, and the request for it.</summary>
    /// <param name="path">The key's file.</param>
    /// <exception cref="RefusedException">The name cannot be a person's.</exception>
    /// <exception cref="OutsideException">The key cannot be used or made.</exception>
    public static PersonRequest Make(string path, string person)
    {
        if (!Principal.IsPersonId(person))
        {
            throw new RefusedException(new Reason("people.enrolment", "A person in the roster has a plain name.",
                "a lower-case letter, then up to 62 lower-case letters, digits, dots and dashes; not root", new UntrustedText(person).Shown(64),
                "Choose another."));
        }
        using var key = File.Exists(path) ? KeyFile.Load(path, person) : KeyFile.Create(path, person);
        return new(person, key.PublicKey, Convert.ToBase64String(key.Sign(Signed(person))));
    }

    /// <exception cref="OutsideException">The file cannot be written.</exception>
    public void Write(string path)
    {
        try
        {
            PrivateFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, StatementJson.Strict));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, failure.Message);
        }
    }

    /// <exception cref="OutsideException">The file is no request.</exception>
    public static PersonRequest Read(string path)
    {
        try
        {
            return StatementJson.Read<PersonRequest>(StatementJson.Document(File.ReadAllBytes(path)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or RefusedException)
        {
            throw Problem(path, failure is RefusedException ? "something else" : failure.Message);
        }
    }

    private static byte[] Signed(string person) => Encoding.UTF8.GetBytes($"maestro.person/v1\n{person}");

    private static OutsideException Problem(string path, string found) => new(new Reason(
        "people.request", $"A person's request is kept in {path}.", "a request made by 'maestro login NAME --request FILE'", found, "Make it again."));
}
