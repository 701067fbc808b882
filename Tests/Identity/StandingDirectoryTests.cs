using System.Collections.Immutable;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Identity;

/// <summary>Who stands for a team: whom both the roster and the outside directory name.</summary>
public sealed class StandingDirectoryTests : IAsyncLifetime
{
    private readonly Folder _folder = new();
    private readonly Clock _clock = new();
    private RosterFile _roster = null!;
    private StandingDirectory _directory = null!;

    public async ValueTask InitializeAsync()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control]);
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        await EnrolAsync("rita", ["payments"], "github:Rita-at-Work");
        await EnrolAsync("ruth", ["payments"]);
        await EnrolAsync("otto", [], "github:otto");
        _roster = new(_folder.RosterPath, KeyRegistry.RootOf(_folder.Keys), TimeProvider.System, NullLogger<RosterFile>.Instance);
        _directory = new(_roster, _clock);

        async Task EnrolAsync(string name, ImmutableArray<string> teams, params ImmutableArray<string> accounts)
        {
            await enrolment.EnrolAsync(
                name, [$"{name}@maestro.example"], [Role.Viewer, Role.Reviewer], teams, _folder.Personal, TestContext.Current.CancellationToken);
            await enrolment.LinkAsync(name, accounts, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Both_must_name_a_person_and_a_login_is_the_same_in_any_case()
    {
        Note("rita-at-work", "otto", "ruth", "stranger");
        Assert.Null(FaultOf("rita"));
        // In the outside team, and in none of the roster's: whoever rules the outside directory gives nobody standing.
        Assert.Equal("approval.other-team", FaultOf("otto"));
        // The login is like the name, and nobody has said that it is this person's.
        Assert.Equal("approval.other-team", FaultOf("ruth"));
    }

    [Fact]
    public void Who_left_the_outside_team_stands_for_it_no_more()
    {
        Note("rita-at-work");
        Note("somebody-else");
        Assert.Equal("approval.other-team", FaultOf("rita"));
        // The roster alone would not know.
        Assert.Null(((IDirectory)_roster).StandingFault(_directory.Find("rita")!, "payments"));
    }

    [Fact]
    public void No_answer_is_no_and_so_is_an_old_one()
    {
        Assert.Equal("approval.standing", FaultOf("rita"));
        Note("rita-at-work");
        _clock.Advance(StandingDirectory.Fresh);
        Assert.Null(FaultOf("rita"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("approval.standing", FaultOf("rita"));
    }

    [Fact]
    public async Task Who_is_turned_away_has_the_team_read_again_soon()
    {
        Note("rita-at-work");
        Assert.Null(FaultOf("rita"));
        Assert.False(await _directory.UntilDoubtedAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.NotNull(FaultOf("ruth"));
        Assert.NotNull(FaultOf("ruth"));
        Assert.True(await _directory.UntilDoubtedAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
        Assert.False(await _directory.UntilDoubtedAsync(TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    private void Note(params string[] logins) =>
        _directory.Note("payments", [.. logins.Select(login => LinkedAccounts.Folded($"github:{login}"))]);

    private string? FaultOf(string person) => _directory.StandingFault(_directory.Find(person)!, "payments")?.Code;
}
