using System.Text.Json;
using Maestro.Connection;
using Maestro.Deployments;

namespace Maestro.Client;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("opne", "'opne' is not a command. Did you mean 'open'?")]
    [InlineData("audit tial", "'tial' is not a command. Did you mean 'tail'?")]
    [InlineData("get --wach", "'--wach' is not an option. Did you mean '--watch'?")]
    [InlineData("get", "ID is missing. The call is: maestro get ID")]
    [InlineData("list -o xml", "Must be one of: 'text' 'json'.")]
    [InlineData("list --limit 0", "--limit takes a number from 1 to 500, not '0'.")]
    [InlineData("approve shop/42 --stage Promte", "'Promte' is not a stage. Did you mean 'Promote'?")]
    [InlineData("reject shop/42", "--comment")]
    [InlineData("help opne", "Did you mean 'open'?")]
    public async Task A_wrong_command_line_gets_one_sentence(string line, string sentence)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' '));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("help approve")]
    [InlineData("help audit tail")]
    [InlineData("version")]
    [InlineData("completion bash")]
    [InlineData("completion zsh")]
    public async Task Help_fits_into_a_hundred_columns(string line)
    {
        var run = await ConsoleRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.NotEmpty(run.Out);
        Assert.All(run.Out.Split('\n'), text => Assert.True(text.TrimEnd().Length <= 100, text));
    }

    [Fact]
    public async Task Stages_complete_in_the_shell()
    {
        const string Line = "maestro approve shop/42 --stage Pro";

        var placed = await ConsoleRun.OfAsync($"[suggest:{Line.Length}]", Line);
        var bare = await ConsoleRun.OfAsync("[suggest]", Line);

        Assert.Equal(
            ["Promote", "ProvisionProduction", "ProvisionStaging"],
            placed.Out.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(placed.Out, bare.Out);
    }

    [Fact]
    public async Task An_unreachable_silo_is_one_sentence()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-console-").FullName;
        try
        {
            var absent = await ConsoleRun.OfAsync("list", "--data", folder);
            // Nothing can listen on port 1 here without being root, and nobody does.
            await File.WriteAllTextAsync(
                Path.Combine(folder, SiloFile.FileName),
                """{"gatewayPort":1,"clusterId":"c","serviceId":"s","pid":1}""",
                TestContext.Current.CancellationToken);
            var closed = await ConsoleRun.OfAsync("list", "--data", folder);
            await File.WriteAllTextAsync(Path.Combine(folder, SiloFile.FileName), "{]", TestContext.Current.CancellationToken);
            var garbled = await ConsoleRun.OfAsync("list", "--data", folder);

            var sentence = $"No silo answers for the data folder {folder}. Start one with: maestro up --data {folder}";
            Assert.All([absent, closed, garbled], run => Assert.Equal((ExitCode.NoSilo, sentence), (run.ExitCode, run.Error.Trim())));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_refusal_is_one_sentence_with_its_way_out()
    {
        var silo = SampleSilo.Of(SampleViews.Finished).With<IDeploymentGrain>(
            SampleViews.Id, "CommandAsync", _ => throw new RefusedException(new Reason(
                "deployment.closed", "It is closed.", "an open one", "\u001b[2Jfinished", "Push again.")));

        var run = await ConsoleRun.OfAsync(silo, "abort", "shop/42");

        Assert.Equal((ExitCode.Refused, "It is closed. Expected: an open one. Found: \uFFFD[2Jfinished. Push again.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_fault_is_one_sentence_without_a_stack_trace()
    {
        var run = await ConsoleRun.OfAsync(new SpokenSilo(), "list");

        Assert.Equal(ExitCode.Fault, run.ExitCode);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task The_status_of_a_deployment_is_its_exit_code()
    {
        Assert.Equal(ExitCode.Done, (await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.Finished), "status", SampleViews.Id)).ExitCode);
        Assert.Equal(ExitCode.Refused, (await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.RolledBack), "status", SampleViews.Id)).ExitCode);
        Assert.Equal(ExitCode.UnderWay, (await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), "status", SampleViews.Id)).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await ConsoleRun.OfAsync(SampleSilo.Of(null), "status", SampleViews.Id)).ExitCode);
    }

    [Theory]
    [InlineData("pr/local/acme/shop/42")]
    [InlineData("acme/shop/42")]
    [InlineData("shop/42")]
    public async Task A_deployment_is_found_by_its_short_name(string typed)
    {
        var run = await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), "get", typed);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.StartsWith("Name:         pr/local/acme/shop/42", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_fits_two_deployments_is_not_guessed()
    {
        var silo = new SpokenSilo().With<ICatalogueGrain>("catalogue/deployments", "ListAsync", _ => Task.FromResult<IReadOnlyList<DeploymentSummary>>(
            [SampleSilo.Summary, SampleSilo.Summary with { Id = "pr/local/other/shop/42" }]));

        var run = await ConsoleRun.OfAsync(silo, "abort", "shop/42");

        Assert.Equal(ExitCode.NotFound, run.ExitCode);
        Assert.Contains("pr/local/acme/shop/42 or pr/local/other/shop/42", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(silo.Asked, asked => asked.Contains("CommandAsync", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_says_its_version_and_keeps_its_names()
    {
        using var get = JsonDocument.Parse((await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), "get", "shop/42", "-o", "json")).Out);
        using var list = JsonDocument.Parse((await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), "list", "-o", "json")).Out);

        Assert.Equal(1, get.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("Approval", get.RootElement.GetProperty("deployment").GetProperty("stages")[4].GetProperty("stage").GetString());
        Assert.Equal(
            ["id", "application", "attempt", "status", "stage", "updatedAt", "head"],
            list.RootElement.GetProperty("deployments")[0].EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Why_names_owner_reason_and_time()
    {
        var run = await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), "why", "shop/42");

        Assert.Contains("Waits for:  team main", run.Out, StringComparison.Ordinal);
        Assert.Contains("Moved by:   maestro approve acme/shop/42", run.Out, StringComparison.Ordinal);
        Assert.Contains("By itself:  in 3h00m, at 2026-03-04 15:00:00 UTC", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_names_only_releases_that_exist()
    {
        var silo = SampleSilo.Of(SampleViews.Finished);

        var unknown = await ConsoleRun.OfAsync(silo, "rollback", "shop", "--to", "r1", "--yes");
        var known = await ConsoleRun.OfAsync(silo, "rollback", "shop", "--to", "r6", "--yes");

        Assert.Equal((ExitCode.NotFound, "shop has no earlier release 'r1'. There are r6.\n"), (unknown.ExitCode, unknown.Error));
        Assert.Equal(ExitCode.Done, known.ExitCode);
        Assert.Single(silo.Asked, asked => asked == $"{SampleViews.Id} CommandAsync");
    }

    [Fact]
    public async Task Opening_finds_the_application_by_its_repository()
    {
        var silo = SampleSilo.Of(null).With<IGatewayGrain>("gateway/local", "OpenAsync", asked => Task.FromResult($"pr/local/acme/{asked[0]}/1"));

        var found = await ConsoleRun.OfAsync(silo, "open", "--repo", "/srv/shop/", "--head", "banner");
        var absent = await ConsoleRun.OfAsync(silo, "open", "--repo", "/srv/other", "--head", "banner");

        Assert.StartsWith("pr/local/acme/shop/1\n", found.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, absent.ExitCode);
    }

    [Fact]
    public async Task A_first_manifest_never_replaces_one()
    {
        var folder = Directory.CreateTempSubdirectory("maestro-console-").FullName;
        try
        {
            Assert.Equal(ExitCode.Done, (await ConsoleRun.OfAsync("init", folder)).ExitCode);
            await File.WriteAllTextAsync(Path.Combine(folder, "maestro.yaml"), "mine", TestContext.Current.CancellationToken);

            Assert.Equal(ExitCode.Refused, (await ConsoleRun.OfAsync("init", folder)).ExitCode);
            Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(folder, "maestro.yaml"), TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
