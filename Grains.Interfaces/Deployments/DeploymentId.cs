using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Maestro.Deployments;

/// <summary>
/// Names one pull request and so its deployment: <c>pr/{host}/{owner}/{repository}/{number}</c>.
/// It begins with a word because keys that look like numbers are parsed by the storage provider and would collide.
/// </summary>
[GenerateSerializer, Immutable, Alias("maestro.deployment-id")]
public readonly partial record struct DeploymentId
{
    private DeploymentId(string host, string owner, string repository, int number) =>
        (Host, Owner, Repository, Number) = (host, owner, repository, number);

    [Id(0)] public string Host { get; private init; }
    [Id(1)] public string Owner { get; private init; }
    [Id(2)] public string Repository { get; private init; }

    /// <summary>The pull request's number, from 1.</summary>
    [Id(3)] public int Number { get; private init; }

    /// <exception cref="ArgumentException">A part is empty, too long or has characters outside letters, digits, dot, dash and underscore.</exception>
    public static DeploymentId Of(string host, string owner, string repository, int number) =>
        TryParse($"pr/{host}/{owner}/{repository}/{number.ToString(CultureInfo.InvariantCulture)}", out var id)
            ? id
            : throw new ArgumentException($"'{host}/{owner}/{repository}/{number}' does not name a pull request.", nameof(repository));

    /// <exception cref="FormatException">The text is not of the form <c>pr/host/owner/repository/number</c>.</exception>
    public static DeploymentId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new FormatException($"'{text}' is not a deployment; expected pr/host/owner/repository/number, for example pr/local/acme/shop/42.");

    public static bool TryParse([NotNullWhen(true)] string? text, out DeploymentId id)
    {
        var match = Form().Match(text ?? "");
        id = match.Success
            ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, int.Parse(match.Groups[4].Value, CultureInfo.InvariantCulture))
            : default;
        return match.Success;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pr/{Host}/{Owner}/{Repository}/{Number}");

    [GeneratedRegex(@"\Apr/([A-Za-z0-9][A-Za-z0-9._-]{0,62})/([A-Za-z0-9][A-Za-z0-9._-]{0,62})/([A-Za-z0-9][A-Za-z0-9._-]{0,99})/([1-9][0-9]{0,8})\z")]
    private static partial Regex Form();
}
