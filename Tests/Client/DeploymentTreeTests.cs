using Maestro.Deployments;
using Maestro.Screen;

namespace Maestro.Client;

public sealed class DeploymentTreeTests
{
    [Fact]
    public void A_deployment_that_waits_for_people_is_shown_as_this_tree() => Assert.Equal(
        """
        Name:         pr/local/acme/shop/42
        Status:       ॥ Waiting for people
        Message:      team main: one more person must approve the release
        Application:  shop
        Change:       Add a banner, by ada
        Commits:      aaaaaaaaaaaa onto bbbbbbbbbbbb
        Opened:       12m00s ago
        Sensitive:    maestro.yaml

        NAME                    ASKED              STATUS                TIME   INFO
        acme/shop/42                               ॥ Waiting for people
        ├─ # attempt 1                             • replaced
        └─ # attempt 2
           ├─ Review            Code Review Agent  ✔ proved              1m05s  approve by offline rules 1
           ├─ AllowRun          desk               ✔ proved              5s     author is known and review approved
           ├─ Build             Deployment Agent   ✔ proved              1m05s  try 2, image 4f2a91c07b1d
           ├─ RehearseRollback  Deployment Agent   ✔ proved              1m05s  r6 took over and gave back in 3 s
           ├─ Approval          desk               ॥ waiting             4m00s  1 of 2 people have approved
           └─ Promote           Deployment Agent   • pending

        """, Plain(SampleViews.WaitingForApproval), ignoreLineEndingDifferences: true);

    [Fact]
    public void A_deployment_that_was_rolled_back_is_shown_as_this_tree() => Assert.Equal(
        """
        Name:         pr/local/acme/shop/42
        Status:       ↺ Rolled back
        Message:      Watch: Production must stay healthy.
        Way out:      Fix it and push again.
        Application:  shop
        Change:       Add a banner, by ada
        Commits:      aaaaaaaaaaaa onto bbbbbbbbbbbb
        Opened:       12m00s ago, took 11m00s

        NAME            ASKED             STATUS         TIME   INFO
        acme/shop/42                      ↺ Rolled back
        ├─ # attempt 1                    • replaced
        └─ # attempt 2
           ├─ Promote   Deployment Agent  ↺ undone       1m05s
           └─ Watch     Deployment Agent  ✖ refused      1m05s  Production must stay healthy.

        """, Plain(SampleViews.RolledBack), ignoreLineEndingDifferences: true);

    [Fact]
    public void Colours_follow_the_state()
    {
        var text = Coloured(SampleViews.RolledBack);

        Assert.Contains("\e[35m↺ Rolled back\e[0m", text, StringComparison.Ordinal);
        Assert.Contains("\e[91m✖ refused\e[0m", text, StringComparison.Ordinal);
        Assert.Contains("\e[2mStatus:       \e[0m", text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_colours_and_without_the_words_are_the_same() =>
        Assert.Equal(
            Plain(SampleViews.WaitingForApproval).Split('\n').Select(line => line.TrimEnd()),
            WithoutColours(Coloured(SampleViews.WaitingForApproval)).Split('\n').Select(line => line.TrimEnd()));

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        var view = SampleViews.WaitingForApproval with { Title = new string('x', 300) };
        using var output = new StringWriter();

        Terminal(output, colour: false, 100).Write(DeploymentTree.Of(view, SampleViews.Now));

        Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void A_hostile_cell_is_shortened_and_escaped_where_nothing_else_cuts_it()
    {
        var hostile = string.Concat(Enumerable.Repeat("\e[2J\u202Eboo ", 50));
        var view = SampleViews.WaitingForApproval with { Stages = [SampleViews.WaitingForApproval.Stages[0] with { Detail = hostile }] };

        var shown = Plain(view);

        Assert.All(shown.Split('\n'), line => Assert.True(line.Length < 250, line));
        Assert.DoesNotContain('\u202E', shown);
        Assert.DoesNotContain('\e', shown);
    }

    [Fact]
    public void What_was_not_tested_is_seen_in_a_narrow_terminal()
    {
        const string Said = "NOT tested: no test is declared";
        var stages = SampleViews.WaitingForApproval.Stages;
        var view = SampleViews.WaitingForApproval with { Stages = [stages[0] with { Stage = Stage.ProvisionProduction, Detail = Said }] };
        using var output = new StringWriter();

        Terminal(output, colour: false, 80).Write(DeploymentTree.Of(view, SampleViews.Now, 80));

        Assert.Contains(Said, output.ToString(), StringComparison.Ordinal);
        Assert.Equal("! ProvisionProduction: " + Said, Assert.Single(Cautions.Of(view)).ToString());
        Assert.Empty(Cautions.Of(SampleViews.WaitingForApproval));
    }

    [Fact]
    public void A_caution_is_folded_and_never_cut()
    {
        const string Said = "NOT tested: no test is declared, and what is released was never run with what it is released for";
        var stages = SampleViews.WaitingForApproval.Stages;
        var caution = Assert.Single(Cautions.Of(SampleViews.WaitingForApproval with { Stages = [stages[0] with { Detail = Said }] }));

        var shown = caution.Fit(40).Select(line => line.ToString()).ToList();

        Assert.All(shown, line => Assert.InRange(line.Length, 1, 40));
        Assert.EndsWith(Said, string.Join(" ", shown.Select(line => line.Trim())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_at_the_end_of_a_sentence_gets_a_line_of_its_own()
    {
        using var output = new StringWriter { NewLine = "\n" };

        Terminal(output, colour: false, 40).Say("Nobody is logged in here, so nothing is shown. Log in with: maestro login NAME");

        Assert.Equal("Nobody is logged in here, so nothing is\nshown. Log in with:\n  maestro login NAME\n", output.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hostile_title_cannot_steer_the_terminal(bool colour)
    {
        var view = SampleViews.WaitingForApproval with { Title = SampleViews.HostileTitle };
        var shown = colour ? WithoutColours(Coloured(view)) : Plain(view);

        Assert.DoesNotContain(shown, character => char.IsControl(character) && character is not '\n' and not '\r');
        Assert.DoesNotContain('\u202E', shown);
        Assert.Contains("[red]urgent[/] [/] [[x", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_making_it_fit_the_hostile_title_would_steer_the_terminal() =>
        Assert.Contains(SampleViews.HostileTitle, character => char.IsControl(character));

    private static string Plain(DeploymentView view)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Terminal(output, colour: false, int.MaxValue).Write(DeploymentTree.Of(view, SampleViews.Now));
        return output.ToString();
    }

    private static string Coloured(DeploymentView view)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Terminal(output, colour: true, 120).Write(DeploymentTree.Of(view, SampleViews.Now));
        return output.ToString();
    }

    // Only the sequences that set a colour are taken out; any other stays and is found.
    private static string WithoutColours(string text) => System.Text.RegularExpressions.Regex.Replace(text, "\e\\[[0-9;]*m", "");

    private static Terminal Terminal(StringWriter output, bool colour, int width) => new(TextReader.Null, output, TextWriter.Null, colour, width, false);
}
