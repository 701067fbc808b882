using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Client;

public sealed class DecisionTests
{
    [Fact]
    public async Task An_approval_shows_deletes_first_and_signs_what_was_shown()
    {
        var signer = new RecordingSigner();
        var run = await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), signer, "y\n", "approve", "shop/42", "--comment", "looked");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.True(
            run.Out.IndexOf("-   file.config/old.txt", StringComparison.Ordinal)
            < run.Out.IndexOf("~   process.web (public endpoint)", StringComparison.Ordinal));
        Assert.Contains("Approved. Still missing: one more approval", run.Out, StringComparison.Ordinal);
        var decision = Assert.Single(signer.Signed);
        var asked = SampleViews.Question;
        Assert.Equal(
            new Decision(
                asked.Deployment, asked.Attempt, asked.Stage, asked.Head, asked.Base, asked.Plan, asked.Image, asked.Environment, asked.Nonce,
                "eve", true, "looked", SampleViews.Now, SampleViews.Now.AddMinutes(10)),
            decision);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("n\n")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Nothing_is_signed_without_a_clear_yes(string? said)
    {
        var signer = new RecordingSigner();

        var run = await ConsoleRun.OfAsync(SampleSilo.Of(SampleViews.WaitingForApproval), signer, said, "approve", "shop/42");

        Assert.NotEqual(ExitCode.Done, run.ExitCode);
        Assert.Empty(signer.Signed);
    }

    private sealed class RecordingSigner : IPersonSigner
    {
        public List<Decision> Signed { get; } = [];

        public string Person(string folder) => "eve";

        public Envelope Sign(string folder, Decision decision)
        {
            Signed.Add(decision);
            return new("", "", []);
        }

        public Envelope Sign(string folder, GlassBreak word) => new("", "", []);
    }
}
