using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text;
using Maestro.Applications;
using Maestro.Deployments.Stages;
using Maestro.Environments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Outside;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>What keeps a plan from being applied, each moved alone over a real environment and real infrastructure.</summary>
[SupportedOSPlatform("linux")]
public sealed class ProvisioningTests(MessageSilo silo) : IClassFixture<MessageSilo>
{
    private const string Somebody = "pr/local/acme/shop/7777/a1";
    private static int s_applications;

    private readonly EnvironmentKey _key = new($"app{Interlocked.Increment(ref s_applications)}", EnvironmentSettings.StagingName);

    [Fact]
    public async Task Only_the_plan_that_was_approved_is_applied()
    {
        using var scope = CallerScope.As(Role.Infrastructure);
        var (assignment, plan) = await PlannedAsync();
        var other = await KeepAsync(assignment, await PlanAsync("other"));
        Assert.Equal("plan.not-approved", await CodeAsync(assignment, plan, other));
        Assert.Equal("plan.missing", await CodeAsync(assignment, Digest.Of("x"u8), Digest.Of("x"u8)));
        Assert.Equal(0, await SerialAsync());

        Assert.Null(await CodeAsync(assignment, plan, plan));
        Assert.Equal(1, await SerialAsync());
    }

    [Fact]
    public async Task Nothing_is_applied_while_the_environment_is_on_hold()
    {
        await HoldAsync();
        using var scope = CallerScope.As(Role.Infrastructure);
        var (assignment, plan) = await PlannedAsync();
        Assert.Equal("environment.held", await CodeAsync(assignment, plan, plan));
        Assert.Equal(0, await SerialAsync());
    }

    [Fact]
    public async Task Nothing_is_applied_while_somebody_else_has_the_lock()
    {
        using var scope = CallerScope.As(Role.Deployment);
        await Staging.AcquireAsync(Somebody);
        var (assignment, plan) = await PlannedAsync();
        Assert.Equal("not yet", await CodeAsync(assignment, plan, plan));
        Assert.Equal(0, await SerialAsync());

        await Staging.ReleaseAsync(Somebody);
        Assert.Null(await CodeAsync(assignment, plan, plan));
        Assert.Equal(1, await SerialAsync());
    }

    private IEnvironmentGrain Staging => silo.Grains.GetGrain<IEnvironmentGrain>(_key.ToString());

    private IInfrastructure Infrastructure => silo.Services.GetRequiredService<IInfrastructure>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task HoldAsync()
    {
        using var scope = CallerScope.As(Role.Deployment);
        var token = (await Staging.AcquireAsync(Somebody)).Token;
        await Staging.BeginAsync(token, new(
            "", $"{Somebody}/Promote", "pr/local/acme/shop/7777", 1, Digest.Of("x"u8), new string('a', 40), new(["run"], "PORT", []),
            TimeProvider.System.GetUtcNow()));
        await Staging.CompleteAsync(token, $"{Somebody}/Promote");
        await Staging.RestoreAsync(token, $"{Somebody}/Promote", null, served: true, "rolled back by itself");
        await Staging.ReleaseAsync(Somebody);
    }

    private async Task<string?> CodeAsync(Assignment assignment, Digest planned, Digest approved)
    {
        var answer = await silo.Services.GetRequiredService<Provisioning>().ApplyAsync(
            assignment, EnvironmentSettings.StagingName, planned, approved, passesHold: false,
            (state, token) => new StagingProvisioned(approved, state.Lineage, state.Serial, token), Cancellation);
        return answer switch
        {
            Answer<StagingProvisioned>.Proved => null,
            Answer<StagingProvisioned>.Refused refused => refused.Reason.Code,
            Answer<StagingProvisioned>.NotYet => "not yet",
            _ => "broke",
        };
    }

    private async Task<long> SerialAsync() => (await Infrastructure.ReadAsync(_key, Cancellation)).Serial;

    private async Task<(Assignment Assignment, Digest Plan)> PlannedAsync()
    {
        var change = await silo.PullAsync();
        var id = change.Deployment();
        change = change with { Application = change.Application with { Name = _key.Application } };
        var assignment = new Assignment(id, 1, Stage.ProvisionStaging, 1, change, TimeProvider.System.GetUtcNow(), null, null);
        return (assignment, await KeepAsync(assignment, await PlanAsync("one")));
    }

    private Task<InfrastructurePlan> PlanAsync(string content) => Infrastructure.PlanAsync(
        _key, ImmutableDictionary<string, byte[]>.Empty.Add(
            "staging.yaml", Encoding.UTF8.GetBytes($"version: 1\nresources:\n  - file: a\n    content: {content}\n")), Cancellation);

    private Task<Digest> KeepAsync(Assignment assignment, InfrastructurePlan plan) =>
        silo.Services.GetRequiredService<IBlobStore>().PutAsync(assignment.Deployment, plan.Document, Cancellation);
}
