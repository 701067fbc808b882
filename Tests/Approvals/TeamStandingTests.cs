using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Approvals;

/// <summary>A silo that asks GitHub who is in the application's team, at the moment of a decision.</summary>
public sealed class TeamStandingTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-standing-");
    private StandInGitHub _github = null!;
    private MessageSilo _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _github = await StandInGitHub.StartAsync();
        _silo = new() { More = services => services.AddTeams(_github.Settings(_folder.FullName)) };
        await _silo.InitializeAsync();
        await _silo.EnrolAsync("rita", [Role.Viewer, Role.Reviewer]);
        await _silo.EnrolAsync("ruth", [Role.Viewer, Role.Reviewer]);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _github.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_decision_counts_only_from_who_is_in_the_team_there_too_and_a_team_that_cannot_be_read_has_nobody()
    {
        var team = _silo.Repository.Application.Team;
        await using var rita = await _silo.ConnectAsync("rita");
        var request = await AskedAsync(rita, await _silo.OpenAsync());
        Assert.Equal("approval.standing", await DecideAsync(rita, request));

        _github.Teams[team] = ["rita-at-work", "somebody-else"];
        await Eventually.IsTrueAsync(async () => await DecideAsync(rita, request) == "approval.other-team");
        await _silo.LinkAsync("rita", "github:Rita-at-Work");
        await Eventually.IsTrueAsync(async () => await DecideAsync(rita, request) is null);

        // Who leaves the team there stands for it no more, whatever the roster says.
        var second = await AskedAsync(rita, await _silo.OpenAsync());
        _github.Teams[team] = ["somebody-else"];
        await using var ruth = await _silo.ConnectAsync("ruth");
        Assert.Equal("approval.other-team", await DecideAsync(ruth, second, "ruth"));
        var directory = _silo.Services.GetRequiredService<IDirectory>();
        await Eventually.IsTrueAsync(() => Task.FromResult(directory.StandingFault(directory.Find("rita")!, team) is not null));
        Assert.Equal("approval.other-team", await DecideAsync(rita, second));
    }

    private async Task<ApprovalRequest> AskedAsync(Connection.ISilo person, DeploymentId id)
    {
        ApprovalRequest? asked = null;
        await Eventually.IsTrueAsync(async () => (asked = (await person.Grain<IApprovalDeskGrain>($"desk/{_silo.Repository.Application.Team}").ListAsync())
            .FirstOrDefault(request => request.Deployment == id.ToString())) is not null);
        return asked!;
    }

    private async Task<string?> DecideAsync(Connection.ISilo person, ApprovalRequest request, string name = "rita")
    {
        using var key = _silo.KeyOf(name);
        return (await Refused.ByAsync(() => person.Grain<IGatewayGrain>("gateway/local").DecideAsync(
            _silo.Repository.Application.Team, PersonSigner.Sign(key, Delivery.TestDelivery.Answer(request, approved: true, name)))))?.Reason.Code;
    }
}
