using Maestro.Applications;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Identity;

/// <summary>
/// Whoever reaches the gateway of a real silo and is not who they say, and an agent that does another's work: refused, in the ledger by its code, and
/// in the log with what was found. That the same calls get through where nobody is asked who they are, <see cref="AdmissionTests"/> show.
/// </summary>
public sealed class GatewayAttackTests(MessageSilo silo) : IClassFixture<MessageSilo>, IAsyncLifetime
{
    private const string Mallory = "mallory";
    private const string Owner = "owner";
    private const string Find = "maestro.IApplicationsGrain/FindAsync";
    private const string Open = "maestro.IGatewayGrain/OpenAsync";

    private static readonly Dictionary<string, (string Found, Func<GatewayAttackTests, IOutgoingGrainCallContext, object?> Token)> Attacks = new(
        StringComparer.Ordinal)
    {
        ["no token"] = ("no token", (_, _) => null),
        ["a context that says it is a silo"] = ("no token", (_, _) => SayingItIsASilo()),
        ["a silo's name in place of a token"] = ("a malformed token", (_, _) => "role:control"),
        ["a silo's token that nobody signed"] = (
            "a token that role:control did not sign", (attack, call) => attack.Issue(call, _ => new byte[64], "role:control")),
        ["a silo's token under a person's signature"] = (
            "a token that role:gateway did not sign", (attack, call) => attack.Issue(call, attack._mallory.Sign, "role:gateway")),
        ["a stamp as only a silo's own process makes one"] = ("a token that role:gateway did not sign", (attack, call) => new CallStamp(
            _ => "~sealed", new("role:gateway", Find, call.TargetId, [], null, TimeProvider.System.GetUtcNow()), TimeProvider.System,
            () => attack.Arguments.DigestOf(call.Request))),
        ["another person's name"] = ("a token that owner did not sign", (attack, call) => attack.Issue(call, attack._mallory.Sign, Owner)),
        ["one's own name without the role"] = ("mallory with Author", (attack, call) => attack.Issue(call, attack._mallory.Sign, Mallory)),
        ["another person's token for another method"] = ("a token of owner for another method", (attack, call) => CallTokens.Issue(
            attack._owner.Sign, Owner, "maestro.IApplicationsGrain/ListAsync", call.TargetId.ToString(), [], null, TimeProvider.System,
            attack.Arguments.DigestOf(call.Request))),
        ["another person's token for another grain"] = ("a token of owner for another grain", (attack, call) => CallTokens.Issue(
            attack._owner.Sign, Owner, Find, "applications/applications/other", [], null, TimeProvider.System, attack.Arguments.DigestOf(call.Request))),
    };

    private PersonKey _mallory = null!;
    private PersonKey _owner = null!;

    public static TheoryData<string> Names => [.. Attacks.Keys];

    private CallArguments Arguments => silo.Services.GetRequiredService<CallArguments>();

    public async ValueTask InitializeAsync()
    {
        await silo.EnrolAsync(Mallory, [Role.Author]);
        (_mallory, _owner) = (silo.KeyOf(Mallory), silo.KeyOf(Owner));
    }

    public ValueTask DisposeAsync()
    {
        _mallory.Dispose();
        _owner.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Whoever_is_not_who_they_say_is_refused_and_told_of(string name)
    {
        var (found, token) = Attacks[name];
        await using var attacker = await ConnectAsync(call => token(this, call));

        await IsRefusedAsync(Find, found, () => FindAsync(attacker));

        Assert.NotNull(await FindAsync(silo.Owner));
    }

    [Fact]
    public async Task A_persons_token_that_was_used_is_nobodys_any_more()
    {
        string? captured = null;
        await using var wire = await ConnectAsync(call => captured ??= Issue(call, _owner.Sign, Owner));
        // Where it is new, the very same call of the very same client is the person's.
        Assert.NotNull(await FindAsync(wire));

        await IsRefusedAsync(Find, "a token of owner that was used before", () => FindAsync(wire));
    }

    [Fact]
    public async Task A_captured_token_opens_nothing_else_than_what_its_person_asked_for()
    {
        var (theirs, into) = silo.Push();
        var (other, _) = silo.Push();
        string? captured = null;
        await using var wire = await ConnectAsync(call =>
        {
            if (captured is not null)
            {
                return captured;
            }
            // It is taken from the wire, and its call never arrives.
            captured = Issue(call, _owner.Sign, Owner);
            return null;
        });
        var gateway = wire.Grain<IGatewayGrain>("gateway/local");
        await IsRefusedAsync(Open, "no token", () => gateway.OpenAsync("shop", theirs, into));

        await IsRefusedAsync(Open, "a token of owner for other arguments", () => gateway.OpenAsync("shop", other, into));

        // The refused call has not used it up.
        Assert.StartsWith("pr/local/acme/shop/", await gateway.OpenAsync("shop", theirs, into), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_deployment_agent_says_what_is_live_in_production()
    {
        const string key = "env/attacked/production";
        var effect = Binding.EffectOf(DeploymentId.Of("local", "acme", "attacked", 1), 1, Stage.Promote);
        var holder = effect[..effect.LastIndexOf('/')];
        var release = new Release(
            "", effect, "pr/local/acme/attacked/1", 1, Digest.Of("image"u8), new('c', 40), new(["run"], "PORT", []), TimeProvider.System.GetUtcNow());
        (string Method, Func<IEnvironmentGrain, long, Task> Call)[] acts =
        [
            ("BeginAsync", (environment, token) => environment.BeginAsync(token, release)),
            ("CompleteAsync", (environment, token) => environment.CompleteAsync(token, effect)),
            ("RestoreAsync", (environment, token) => environment.RestoreAsync(token, effect, null, served: true, null)),
            ("FenceAsync", (environment, _) => environment.FenceAsync(holder, "an attack")),
        ];
        var environment = silo.Grains.GetGrain<IEnvironmentGrain>(key);
        foreach (var (method, call) in acts)
        {
            var name = $"maestro.IEnvironmentGrain/{method}";
            await IsRefusedAsync(name, "owner with Viewer, Author, Admin", () => call(silo.Owner.Grain<IEnvironmentGrain>(key), 1));
            foreach (var role in Principal.SiloRoles.Where(role => role != Role.Deployment))
            {
                using var scope = CallerScope.As(role);
                await IsRefusedAsync(name, $"{Principal.OfRole(role)} with {role}", () => call(environment, 1));
            }
        }

        using var deployment = CallerScope.As(Role.Deployment);
        var grant = await environment.FenceAsync(holder, "a test");
        foreach (var (_, call) in acts[..2])
        {
            await call(environment, grant.Token);
        }
        Assert.Equal(effect, (await environment.GetAsync()).Live?.Effect);
    }

    private static Task<Application?> FindAsync(ISilo from) => from.Grain<IApplicationsGrain>("applications/all").FindAsync("shop");

    private static string? SayingItIsASilo()
    {
        foreach (var key in (string[])["maestro.caller", "maestro.role", "role", "sub", SessionCheck.ContextKey])
        {
            RequestContext.Set(key, "role:control");
        }
        return null;
    }

    private string Issue(IOutgoingGrainCallContext call, Signer sign, string subject) =>
        CallTokens.IssueFor(call, sign, subject, Arguments, TimeProvider.System);

    private async Task IsRefusedAsync(string method, string found, Func<Task> call)
    {
        var (before, logged) = (await ToldAsync(method), silo.Log.Count(method, found));
        var refusal = await Refused.ByAsync(call);
        Assert.Equal(("call.refused", found), (refusal?.Reason.Code, refusal?.Reason.Found));
        Assert.Equal(logged + 1, silo.Log.Count(method, found, "(call.refused)"));
        await Eventually.IsTrueAsync(async () => await ToldAsync(method) == before + 1);
    }

    private async Task<int> ToldAsync(string method) => (await silo.SubjectAsync(method)).Count(
        fact => fact.Kind == "call.refused" && fact.Body.Contains("\"call.refused\"", StringComparison.Ordinal));

    private Task<ISilo> ConnectAsync(Func<IOutgoingGrainCallContext, object?> token) => silo.ConnectAsync(client =>
        client.AddOutgoingGrainCallFilter(async call =>
        {
            // What the client says to the silo by itself, when it connects, is not the attack.
            if (call.MethodName is nameof(IApplicationsGrain.FindAsync) or nameof(IGatewayGrain.OpenAsync) && token(call) is { } carried)
            {
                RequestContext.Set(CallToken.ContextKey, carried);
            }
            await call.Invoke();
        }));
}
