using System.Collections.Immutable;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Client;

/// <summary>What the console signs to break the glass, and how loud it is about glass that is broken.</summary>
public sealed class BreakGlassVerbTests
{
    private static readonly GlassRequest Asked = new("sam", "production is down", SampleViews.Now.AddMinutes(20));

    private readonly RecordingSigner _signer = new();

    [Fact]
    public async Task The_first_person_signs_what_was_shown_with_a_reason_and_an_end()
    {
        var run = await RunAsync(null, "y\n", "shop/42", "--reason", "production is down", "--for", "20m");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("Reviewers are NOT asked", run.Out, StringComparison.Ordinal);
        Assert.Contains("Signed. Still missing: a second person", run.Out, StringComparison.Ordinal);
        var now = SampleViews.Now;
        Assert.Equal(
            GlassBreak.Of(SampleViews.Question, "production is down", now.AddMinutes(20), "eve", now, now.AddMinutes(10)), Assert.Single(_signer.Signed));
    }

    [Fact]
    public async Task The_second_person_sees_the_reason_and_signs_the_same()
    {
        var run = await RunAsync(Asked, "y\n", "--second", "shop/42");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("sam asks to break it until 12:20 UTC, because: production is down", run.Out, StringComparison.Ordinal);
        var word = Assert.Single(_signer.Signed);
        Assert.Equal(("eve", Asked.Reason, Asked.Until), (word.Person, word.Reason, word.Until));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "shop/42")]
    [InlineData(ExitCode.Usage, "shop/42", "--reason", " ")]
    [InlineData(ExitCode.Usage, "shop/42", "--reason", "x", "--for", "61m")]
    [InlineData(ExitCode.Usage, "shop/42", "--reason", "x", "--for", "soon")]
    [InlineData(ExitCode.NotFound, "shop/42", "--second")]
    public async Task Without_a_reason_a_short_time_or_somebody_who_asked_nothing_is_signed(int code, params string[] arguments)
    {
        var run = await RunAsync(null, "y\n", arguments);

        Assert.Equal(code, run.ExitCode);
        Assert.Empty(_signer.Signed);
    }

    [Theory, InlineData("\n"), InlineData("n\n"), InlineData(null)]
    public async Task Nothing_is_signed_without_a_clear_yes(string? said)
    {
        var run = await RunAsync(null, said, "shop/42", "--reason", "x");

        Assert.NotEqual(ExitCode.Done, run.ExitCode);
        Assert.Empty(_signer.Signed);
    }

    [Theory, InlineData("status"), InlineData("why"), InlineData("get")]
    public async Task Glass_that_was_broken_is_shown_wherever_the_deployment_is_shown(string verb)
    {
        const string said = "GLASS BROKEN by sam and sue: reviewers were NOT asked";
        var view = SampleViews.WaitingForApproval;
        var broken = view with
        {
            Stages = [.. view.Stages.Select(stage => stage.Stage == Stage.Approval ? stage with { Status = "proved", Detail = said } : stage)],
        };
        foreach (var form in new[] { Array.Empty<string>(), ["-o", "json"] })
        {
            Assert.Contains(said, (await ConsoleRun.OfAsync(SampleSilo.Of(broken), [verb, "shop/42", .. form])).Out, StringComparison.Ordinal);
            Assert.DoesNotContain("GLASS", (await ConsoleRun.OfAsync(SampleSilo.Of(view), [verb, "shop/42", .. form])).Out, StringComparison.Ordinal);
        }
    }

    private Task<ConsoleRun> RunAsync(GlassRequest? asked, string? said, params string[] arguments)
    {
        var silo = SampleSilo.Of(SampleViews.WaitingForApproval)
            .With<IApprovalDeskGrain>("desk/main", "ListAsync", _ => Task.FromResult<ImmutableArray<ApprovalRequest>>(
                [SampleViews.Question with { Glass = asked }]))
            .With<IGatewayGrain>("gateway/local", "BreakGlassAsync", _ => Task.FromResult<string?>("a second person"));
        return ConsoleRun.OfAsync(silo, _signer, said, ["break-glass", .. arguments]);
    }

    private sealed class RecordingSigner : IPersonSigner
    {
        public List<GlassBreak> Signed { get; } = [];

        public string Person(string folder) => "eve";

        public Envelope Sign(string folder, Decision decision) => throw new InvalidOperationException("Nobody decides here.");

        public Envelope Sign(string folder, GlassBreak word)
        {
            Signed.Add(word);
            return new("", "", []);
        }
    }
}
