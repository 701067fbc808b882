using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Maestro.Hosting;
using Maestro.Outside;
using Octokit;
using Octokit.Internal;

namespace Maestro.Identity;

/// <summary>Reads the members of an organization's teams at GitHub, those of child teams with them.</summary>
internal sealed partial class GitHubTeams(TeamSettings settings) : ICredentialStore, IDisposable
{
    private const string AccountPrefix = "github:";
    private const int PageSize = 100;

    /// <summary>A team of more people than pages of this number can hold is not read.</summary>
    private const int MostPages = 50;

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    private readonly HttpClientAdapter _http = Http(settings.Api);

    /// <summary>Whether this names an account of GitHub, as <c>github:LOGIN</c>.</summary>
    public static bool IsAccount(string text) => Account().IsMatch(text);

    /// <summary>The members' accounts, as <see cref="LinkedAccounts.Folded"/> has them.</summary>
    /// <param name="team">Its slug.</param>
    /// <exception cref="OutsideException">GitHub does not say, or not all of it.</exception>
    public async Task<ImmutableHashSet<string>> ReadAsync(string team, CancellationToken cancellation)
    {
        if (!Slug().IsMatch(team))
        {
            throw Unread(team, "a name that no team of GitHub has");
        }
        var connection = new Connection(new ProductHeaderValue("maestro"), settings.Api, this, _http, new SimpleJsonSerializer());
        try
        {
            var members = await new ApiConnection(connection).GetAll<User>(
                new Uri($"orgs/{settings.Organization}/teams/{team}/members", UriKind.Relative), new Dictionary<string, string>(),
                new ApiOptions { PageSize = PageSize, PageCount = MostPages }).WaitAsync(cancellation);
            return members.Count >= PageSize * MostPages ? throw Unread(team, $"{members.Count} members or more")
                // The library makes one member of whatever object comes.
                : members.All(member => member.Id > 0 && IsAccount(AccountPrefix + member.Login))
                    ? [.. members.Select(member => LinkedAccounts.Folded(AccountPrefix + member.Login))]
                    : throw Unread(team, "somebody who has no account");
        }
#pragma warning disable CA1031 // Whatever the library makes of an answer that is none, nobody is a member by it.
        catch (Exception failure) when (failure is not OutsideException && !cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            throw Unread(team, new UntrustedText(failure is OperationCanceledException ? $"no answer in {AnswersWithin}" : failure.Message).Shown(200));
        }
    }

    /// <summary>The token, read anew each time so that it can be exchanged while the silo runs.</summary>
    public Task<Credentials> GetCredentials() =>
        Task.FromResult(new Credentials(SecretFile.Read(settings.TokenFile, "teams.token", "The token for GitHub", "--github-token-file")));

    public void Dispose() => _http.Dispose();

    private static HttpClientAdapter Http(Uri api)
    {
        var http = new HttpClientAdapter(() => new HttpClientHandler { UseProxy = !api.IsLoopback });
        http.SetRequestTimeout(AnswersWithin);
        return http;
    }

    private OutsideException Unread(string team, string found) => new(new Deployments.Reason(
        "teams.unread", $"The members of {settings.Organization}/{team} are read from GitHub.", "its members", found,
        "Look at the team, the token and GitHub's status. Until then nobody of the team decides."));

    [GeneratedRegex("^github:[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Account();

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Slug();
}
