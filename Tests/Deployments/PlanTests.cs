using System.Collections.Immutable;
using Maestro.Evidence;
using Maestro.Hosting;
using Maestro.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Maestro.Deployments;

/// <summary>The rules of the table, and the table that there is.</summary>
public sealed class PlanTests
{
    private static readonly ImmutableArray<Row> Rows = SmallPlan.Plan.Rows;

    public static TheoryData<int> Versions => [.. Plan.Versions.Select(plan => plan.Version)];

    [Fact]
    public void A_row_that_is_there_twice_is_refused() =>
        Assert.Contains("twice", Refused([.. Rows, Rows[1]]), StringComparison.Ordinal);

    [Fact]
    public void A_need_that_no_earlier_row_proves_is_refused()
    {
        Assert.Contains(nameof(ChangeReviewed), Refused(Rows.RemoveAt(0)), StringComparison.Ordinal);
        Assert.Contains(nameof(ChangeReviewed), Refused([Rows[1], Rows[0]]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_time_or_tries_is_refused()
    {
        Assert.Contains("more than zero", Refused([Rows[0] with { Within = TimeSpan.Zero }]), StringComparison.Ordinal);
        Assert.Contains("more than zero", Refused([Rows[0] with { Within = TimeSpan.FromSeconds(-1) }]), StringComparison.Ordinal);
        Assert.Contains("at least one try", Refused([Rows[0] with { Tries = 0 }]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_rows_in_order_are_a_plan() => Assert.Equal(5, new Plan(7, typeof(ChangeOpened), Rows).Rows.Length);

    [Fact]
    public void Versions_have_numbers_of_their_own() => Assert.Equal(Plan.Versions.Select(plan =>
        plan.Version).Distinct(), Plan.Versions.Select(plan => plan.Version));

    [Theory, MemberData(nameof(Versions))]
    public void Every_stage_has_exactly_one_row(int version) =>
        Assert.Equal(Enum.GetValues<Stage>(), Of(version).Rows.Select(row => row.Stage).Order());

    [Theory, MemberData(nameof(Versions))]
    public void Every_stage_class_is_registered(int version)
    {
        var services = new ServiceCollection();
        services.AddDecisions();
        Assert.All(Of(version).Rows, row => Assert.Contains(services, service => service.ServiceType == row.Call.StageType));
    }

    [Theory, MemberData(nameof(Versions))]
    public void Every_proof_is_made_by_one_row(int version) => Assert.Equal(Of(version).Rows.Length, Of(version).Rows.Select(row =>
        row.Proves).Distinct().Count());

    [Theory, MemberData(nameof(Versions))]
    public void Only_what_serves_somebody_is_undone(int version) =>
        Assert.Equal([Stage.DeployStaging, Stage.Promote], Of(version).Rows.Where(row => row.WayBack == WayBack.Undo).Select(row =>
            row.Stage));

    [Theory, MemberData(nameof(Versions))]
    public void A_row_that_is_undone_can_be(int version) =>
        Assert.All(Of(version).Rows, row => Assert.Equal(row.WayBack == WayBack.Undo, row.Call.Undo is not null));

    [Theory, MemberData(nameof(Versions))]
    public void Promote_waits_for_everything_that_was_checked(int version)
    {
        var plan = Of(version);
        var before = new HashSet<Stage>();
        Gather(plan, Stage.Promote, before);
        Assert.Equal(plan.Rows.Select(row => row.Stage).TakeWhile(stage => stage != Stage.Promote).Order(), before.Order());
        Assert.Contains(typeof(ProductionPlanned), plan[Stage.Promote].Needs);
        Assert.Contains(typeof(ProductionApproved), plan[Stage.Promote].Needs);
        Assert.Contains(typeof(ProductionProvisioned), plan[Stage.Promote].Needs);
    }

    [Theory, MemberData(nameof(Versions))]
    public void People_answer_at_the_desk_and_agents_by_their_role(int version) =>
        Assert.All(Of(version).Rows, row => Assert.Equal(row.Asked == Role.Desk, row.Call.Put is not null));

    private static Plan Of(int version) => Plan.Versions.Single(plan => plan.Version == version);

    private static void Gather(Plan plan, Stage stage, HashSet<Stage> found)
    {
        foreach (var need in plan.NeedsOf(stage).Where(found.Add))
        {
            Gather(plan, need, found);
        }
    }

    private static string Refused(ImmutableArray<Row> rows) => Assert.Throws<ArgumentException>(() =>
        new Plan(1, typeof(ChangeOpened), rows)).Message;
}
