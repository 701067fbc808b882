using System.Reflection;
using Maestro.Commands;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;

namespace Maestro.Client;

/// <summary>A call that is not admitted, as the person reads it.</summary>
public sealed class RefusedCallTests
{
    [Theory]
    [InlineData("call.session", "a call without a session",
        "Listing deployments needs EXPECTED; the silo found a call without a session. Sign in with: maestro login")]
    [InlineData("call.step-up", "a sign-in with one factor",
        "Listing deployments needs EXPECTED; the silo found a sign-in with one factor. Sign in again, with a second factor: maestro login")]
    public void A_call_without_the_session_that_it_needs_says_how_to_get_one(string code, string found, string sentence) => Assert.Equal(
        sentence, RefusedCalls.Of(new Reason(code, "maestro.ICatalogueGrain/ListAsync needs something.", "EXPECTED", found, "")));

    [Theory]
    [InlineData("maestro.IApplicationsGrain/AddAsync", "one of Admin", "anna with Viewer",
        "Registering an application needs the role admin; you are anna with viewer. "
            + "Ask an administrator for it, or log in as somebody who has it: maestro login NAME")]
    [InlineData("maestro.ICatalogueGrain/ListAsync", "one of Viewer, Gateway", "no token",
        "Listing deployments needs a person, and nobody is logged in here. Log in with: maestro login NAME")]
    [InlineData("maestro.ILedgerGrain/TailAsync", "one of Viewer, Gateway", "anna with no role",
        "Reading the ledger needs the role viewer; you are anna with no role. "
            + "Ask an administrator for it, or log in as somebody who has it: maestro login NAME")]
    [InlineData("maestro.IGatewayGrain/OpenAsync", "one of Author", "a token that anna did not sign",
        "Opening a deployment was refused: the silo found a token that anna did not sign. Log in again with: maestro login NAME")]
    [InlineData("maestro.IGatewayGrain/OpenAsync", "one of Author", "role:gateway with Gateway",
        "Opening a deployment needs the role author; you are gateway with no role of a person. "
            + "Ask an administrator for it, or log in as somebody who has it: maestro login NAME")]
    public async Task It_says_what_was_asked_which_role_it_needs_and_who_asks(string method, string expected, string found, string sentence)
    {
        var silo = new SpokenSilo().With<ICatalogueGrain>(
            DeploymentLookup.CatalogueKey, "ListAsync", _ => throw CallTokens.Refusal("call.refused", method, expected, found));

        var run = await ConsoleRun.OfAsync(silo, "list");

        Assert.Equal(ExitCode.Refused, run.ExitCode);
        Assert.Equal(sentence, run.Error.Trim());
    }

    [Fact]
    public void Every_method_that_admits_people_has_words_of_its_own() => Assert.All(
        typeof(ICatalogueGrain).Assembly.GetTypes().Where(type => type.IsInterface).SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<AdmitsAttribute>()?.Roles.Any(role => Principal.PeopleRoles.Contains(role)) is true),
        method => Assert.True(
            RefusedCalls.Names($"{method.DeclaringType!.GetCustomAttribute<AliasAttribute>()?.Alias}/{method.Name}"),
            $"{method.DeclaringType!.Name}.{method.Name} would be shown by its raw name."));

    [Fact]
    public async Task A_missing_option_shows_the_right_call()
    {
        var run = await ConsoleRun.OfAsync("reject", "shop/42");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Equal("--comment is missing. The call is: maestro reject ID --comment \"TEXT\"", run.Error.Trim());
    }
}
