using System.Globalization;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Outside;

namespace Maestro.Identity;

/// <summary>The members of a team, over the wire.</summary>
public sealed class GitHubTeamsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-teams-");
    private StandInGitHub _github = null!;

    public async ValueTask InitializeAsync() => _github = await StandInGitHub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _github.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(100), InlineData(250)]
    public async Task All_members_are_read_whatever_the_pages(int count)
    {
        _github.Teams["payments"] = Logins(count);

        var read = await ReadAsync("payments");

        Assert.Equal(Logins(count).Select(login => $"GITHUB:{login}".ToUpperInvariant()).Order(), read.Order());
    }

    [Fact]
    public async Task A_team_that_is_larger_than_what_is_read_is_not_read_in_part()
    {
        _github.Teams["all"] = Logins(5_000);
        Assert.Equal("teams.unread", await RefusalAsync("all"));
    }

    [Theory, InlineData("strangers"), InlineData("../../user"), InlineData("a b"), InlineData(""), InlineData("a/members?x=")]
    public async Task A_team_that_is_none_is_not_read(string team)
    {
        Assert.Equal("teams.unread", await RefusalAsync(team));
        Assert.All(_github.Asked, asked => Assert.StartsWith("/api/v3/orgs/acme/teams/strangers/members", asked, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(200, "{")]
    [InlineData(200, """{"login":"ada"}""")]
    [InlineData(200, "<html>")]
    [InlineData(403, """{"message":"API rate limit exceeded"}""")]
    [InlineData(503, "")]
    public async Task Whatever_else_is_answered_is_no_member(int status, string body)
    {
        _github.Teams["payments"] = ["ada"];
        _github.Instead = (status, body);
        Assert.Equal("teams.unread", await RefusalAsync("payments"));
    }

    [Fact]
    public async Task A_token_that_is_wrong_or_open_to_others_reads_nothing()
    {
        _github.Teams["payments"] = ["ada"];
        Assert.Equal("teams.unread", await RefusalAsync("payments", "another"));

        var settings = _github.Settings(_folder.FullName);
        File.SetUnixFileMode(settings.TokenFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        using var teams = new GitHubTeams(settings);
        var refusal = await Assert.ThrowsAsync<OutsideException>(() => teams.ReadAsync("payments", TestContext.Current.CancellationToken));
        Assert.Equal("teams.token", refusal.Reason.Code);
    }

    [Theory]
    [InlineData(null, null, "token")]
    [InlineData("acme", null, null)]
    [InlineData("acme/x", null, "token")]
    [InlineData("acme", "http://github.example/", "token")]
    [InlineData("acme", "https://me:secret@github.example/", "token")]
    public void Settings_that_lack_something_or_lead_anywhere_are_refused(string? organization, string? api, string? token) =>
        Assert.Equal("teams.options", Assert.Throws<RefusedException>(() => TeamSettings.Of(organization, api, token)).Reason.Code);

    [Fact]
    public void No_settings_are_the_roster_alone() => Assert.Null(TeamSettings.Of(null, null, null));

    private static string[] Logins(int count) => [.. Enumerable.Range(0, count).Select(one => string.Create(CultureInfo.InvariantCulture, $"Member-{one}"))];

    [Fact]
    public async Task Who_joins_and_leaves_is_seen_at_the_next_reading()
    {
        using var teams = new GitHubTeams(_github.Settings(_folder.FullName));
        foreach (var members in new string[][] { ["ada"], ["ada", "bob"], ["bob"], [] })
        {
            _github.Teams["payments"] = members;
            Assert.Equal(members.Length, (await teams.ReadAsync("payments", TestContext.Current.CancellationToken)).Count);
        }
    }

    private async Task<IReadOnlySet<string>> ReadAsync(string team, string token = StandInGitHub.Token)
    {
        using var teams = new GitHubTeams(_github.Settings(_folder.FullName, token));
        return await teams.ReadAsync(team, TestContext.Current.CancellationToken);
    }

    private async Task<string> RefusalAsync(string team, string token = StandInGitHub.Token) =>
        (await Assert.ThrowsAsync<OutsideException>(() => ReadAsync(team, token))).Reason.Code;
}
