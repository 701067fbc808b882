using System.Text;
using Maestro.Deployments;

namespace Maestro.Outside.Infrastructure;

/// <summary>One declared thing. Which kind it is, the address says: <c>directory.</c>, <c>file.</c> or <c>port.</c> and its
/// name.</summary>
/// <param name="Content">A file's whole text.</param>
/// <param name="Mode">A file's permission bits, from 0600 to 0755.</param>
/// <param name="Number">A port's number.</param>
/// <param name="Sensitive">The content is shown nowhere, only its digest.</param>
internal sealed record Resource(string Address, string? Content = null, int? Mode = null, int? Number = null, bool Sensitive = false)
{
    public const string Directory = "directory.";
    public const string File = "file.";
    public const string Port = "port.";

    public byte[] Bytes() => Encoding.UTF8.GetBytes(Content ?? "");

    public Recorded Record() => new(Address, Content is null ? null : Digest.Of(Bytes()).Hex, Mode, Number, Sensitive);

    public static bool IsFile(string address) => address.StartsWith(File, StringComparison.Ordinal);

    public static bool IsDirectory(string address) => address.StartsWith(Directory, StringComparison.Ordinal);

    public static bool IsPort(string address) => address.StartsWith(Port, StringComparison.Ordinal);

    /// <summary>What comes after the kind: a path below the world, or a port's name.</summary>
    public static string NameOf(string address) => address[(address.IndexOf('.', StringComparison.Ordinal) + 1)..];
}

/// <summary>A resource as the state remembers it: never with its content.</summary>
internal sealed record Recorded(string Address, string? Digest = null, int? Mode = null, int? Number = null, bool Sensitive = false);
