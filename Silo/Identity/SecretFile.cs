using Maestro.Deployments;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>A secret for somebody outside, in a file that only its owner may read.</summary>
internal static class SecretFile
{
    /// <param name="code">The rule's.</param>
    /// <param name="what">Such as <c>The client's secret</c>.</param>
    /// <param name="option">Of the console, that names the file.</param>
    /// <exception cref="OutsideException">Others may read it, or it cannot be read, or is empty.</exception>
    public static string Read(string file, string code, string what, string option)
    {
        try
        {
            return PrivateFile.IsOpenToOthers(file) ? throw Unusable("a file that others may read")
                : File.ReadAllText(file).Trim() is { Length: > 0 } secret ? secret
                : throw Unusable("an empty file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable(failure.Message);
        }

        OutsideException Unusable(string found) => new(new Reason(
            code, $"{what} is read from {file}.", "a file that only its owner may read (chmod 600)", found, $"Correct {option}."));
    }
}
