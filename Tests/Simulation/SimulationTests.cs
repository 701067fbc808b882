using Maestro.Deployments;

namespace Maestro.Simulation;

/// <summary>The whole plan in a simulated world: every place to die, every row that says no, and random fates by seed.</summary>
public sealed class SimulationTests
{
    public static TheoryData<Stage> Stages => [.. Enum.GetValues<Stage>()];

    private static Fate AllWell(Stage stage, int tried) => Fate.Proves;

    private static SimulatedDeployment Deployment(SimulatedWorld world, Func<Stage, int, Fate>? fates = null) => new(Plan.Version1, world, fates ?? AllWell);

    [Fact]
    public void An_untroubled_run_finishes_and_does_everything_once()
    {
        var world = new SimulatedWorld();
        var run = Deployment(world).Run();
        Assert.Equal(Outcome.Finished, run.Ended);
        Assert.All(Plan.Version1.Rows, row => Assert.Equal(1, world.Times($"a1/{row.Stage}")));
    }

    [Fact]
    public void Dying_at_any_line_still_ends_finished_and_acts_once()
    {
        var steps = Deployment(new()).Run().Steps;
        for (var death = 0; death < steps; death++)
        {
            var world = new SimulatedWorld();
            var run = new SimulatedDeployment(Plan.Version1, world, AllWell) { Deaths = new HashSet<int> { death } }.Run();
            Assert.Equal(Outcome.Finished, run.Ended);
            Assert.All(Plan.Version1.Rows, row => Assert.Equal(1, world.Times($"a1/{row.Stage}")));
        }
    }

    [Fact]
    public void Without_looking_first_dying_at_some_line_doubles_an_effect()
    {
        var steps = new SimulatedDeployment(Plan.Version1, new(), AllWell) { Looks = false }.Run().Steps;
        var doubled = Enumerable.Range(0, steps).Count(death =>
        {
            var world = new SimulatedWorld();
            new SimulatedDeployment(Plan.Version1, world, AllWell) { Looks = false, Deaths = new HashSet<int> { death } }.Run();
            return Plan.Version1.Rows.Any(row => world.Times($"a1/{row.Stage}") > 1);
        });
        Assert.True(doubled > 0, "A stage that does not look must be caught by this simulation.");
    }

    [Theory, MemberData(nameof(Stages))]
    public void A_row_that_is_asked_twice_acts_once(Stage stage)
    {
        var world = new SimulatedWorld();
        new SimulatedDeployment(Plan.Version1, world, AllWell) { AsksPerQuestion = 2 }.Run();
        Assert.Equal(1, world.Times($"a1/{stage}"));
    }

    [Theory, MemberData(nameof(Stages))]
    public void A_row_that_is_refused_leads_to_a_clean_slate(Stage stage)
    {
        var world = new SimulatedWorld();
        var run = Deployment(world, (asked, _) => asked == stage ? Fate.Refuses : Fate.Proves).Run();
        if (stage == Stage.Finish)
        {
            Assert.Equal(Outcome.FinishedNotMerged, run.Ended);
            Assert.Contains("a1/Promote", world.Standing);
            return;
        }
        Assert.Contains(run.Ended!.Value, new[] { Outcome.Refused, Outcome.RolledBack });
        AssertClean(world);
    }

    [Theory, MemberData(nameof(Stages))]
    public void A_row_that_breaks_in_every_try_leads_to_a_clean_slate(Stage stage)
    {
        var world = new SimulatedWorld();
        var run = Deployment(world, (asked, _) => asked == stage ? Fate.Breaks : Fate.Proves).Run();
        if (stage != Stage.Finish)
        {
            Assert.Contains(run.Ended!.Value, new[] { Outcome.Failed, Outcome.RolledBack });
            AssertClean(world);
        }
        Assert.Equal(Plan.Version1[stage].Tries, run.Log.OfType<LogEntry.Started>().Count(started => started.Stage == stage));
    }

    [Theory, MemberData(nameof(Stages))]
    public void A_row_that_never_answers_is_given_up_within_its_time(Stage stage)
    {
        var world = new SimulatedWorld();
        var run = Deployment(world, (asked, _) => asked == stage ? Fate.Silent : Fate.Proves).Run(maxSteps: 20_000);
        Assert.NotEqual(Outcome.Finished, run.Ended);
        Assert.True(run.Now - DateTimeOffset.UnixEpoch < TimeSpan.FromHours(50), $"It took until {run.Now}.");
    }

    [Fact]
    public void Undo_runs_newest_first()
    {
        var world = new SimulatedWorld();
        Deployment(world, (stage, _) => stage == Stage.Watch ? Fate.Refuses : Fate.Proves).Run();
        Assert.Equal(["undo a1/Promote", "undo a1/DeployStaging"], world.Journal.Where(line => line.StartsWith("undo", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_undo_that_is_carried_out_twice_undoes_once()
    {
        var world = new SimulatedWorld();
        var run = new SimulatedDeployment(Plan.Version1, world, (stage, _) => stage == Stage.Watch ? Fate.Refuses : Fate.Proves) { UndosPerAnswer = 2 }.Run();
        Assert.Equal(Outcome.RolledBack, run.Ended);
        Assert.Equal(2, world.Journal.Count(line => line.StartsWith("undo", StringComparison.Ordinal)));
        AssertClean(world);
    }

    [Fact]
    public void Dying_at_any_line_on_the_way_back_still_ends_clean()
    {
        Fate Fates(Stage stage, int tried) => stage == Stage.Watch ? Fate.Refuses : Fate.Proves;
        var steps = Deployment(new(), Fates).Run().Steps;
        for (var death = 0; death < steps; death++)
        {
            var world = new SimulatedWorld();
            var run = new SimulatedDeployment(Plan.Version1, world, Fates) { Deaths = new HashSet<int> { death } }.Run();
            Assert.Equal(Outcome.RolledBack, run.Ended);
            AssertClean(world);
        }
    }

    [Fact]
    public void An_undo_that_keeps_failing_parks_and_is_tried_again_by_itself()
    {
        var world = new SimulatedWorld();
        var run = new SimulatedDeployment(Plan.Version1, world, (stage, _) =>
            stage == Stage.Watch ? Fate.Refuses : Fate.Proves)
        { BrokenUndos = Decisions.UndoTries }.Run();
        Assert.Equal(Outcome.RolledBack, run.Ended);
        Assert.True(run.Now - DateTimeOffset.UnixEpoch > Decisions.ParkedFor, "It must have waited for a person first.");
    }

    [Fact]
    public void A_push_at_any_step_supersedes_before_production_and_waits_after()
    {
        var steps = Deployment(new()).Run().Steps;
        for (var step = 0; step < steps; step++)
        {
            var world = new SimulatedWorld();
            var run = Deployment(world);
            run.Interventions[step] = SimulatedDeployment.Opened(2);
            run.Run();
            Assert.Equal(Outcome.Finished, run.Ended);
            var first = run.Log.OfType<LogEntry.Closed>().First(closed => closed.Attempt == 1).Outcome;
            Assert.Equal(world.Times("a1/ProvisionProduction") == 1 ? Outcome.Finished : Outcome.Superseded, first);
            AssertOneAtATime(run.Log);
        }
    }

    [Fact]
    public void An_abort_at_any_step_ends_clean()
    {
        var steps = Deployment(new()).Run().Steps;
        for (var step = 0; step < steps; step++)
        {
            var world = new SimulatedWorld();
            var run = Deployment(world);
            run.Interventions[step] = new LogEntry.Commanded(1, default, "alex", Command.Abort, null);
            run.Run();
            if (run.Ended is Outcome.Finished)
            {
                continue;
            }
            Assert.Contains(run.Ended!.Value, new[] { Outcome.Aborted, Outcome.RolledBack });
            AssertClean(world);
        }
    }

    [Fact]
    public void The_first_release_is_rolled_back_after_the_second_was_wherever_it_dies()
    {
        var steps = Twice(new(), -1).Steps;
        for (var death = -1; death < steps; death++)
        {
            var world = new SimulatedWorld();
            var run = Twice(world, death);
            Assert.Equal([Outcome.Finished, Outcome.Finished, Outcome.RolledBack, Outcome.RolledBack],
                run.Log.OfType<LogEntry.Closed>().Select(closed => closed.Outcome));
            Assert.Equal(["undo a2/Promote", "undo a1/Promote"], world.Journal.Where(line => line.StartsWith("undo", StringComparison.Ordinal)));
        }
    }

    private static SimulatedDeployment Twice(SimulatedWorld world, int death)
    {
        var run = new SimulatedDeployment(Plan.Version1, world, AllWell) { Deaths = new HashSet<int> { death } }.Run().Go(SimulatedDeployment.Opened(2));
        return RollBack(RollBack(run));
    }

    private static SimulatedDeployment RollBack(SimulatedDeployment run)
    {
        var attempt = Deployments.Commands.Check(run.Progress, Command.RollBack, DeploymentId.Of("local", "acme", "shop", 1)).Attempt;
        return run.Go(new LogEntry.Commanded(attempt, default, "alex", Command.RollBack, null));
    }

    [Fact]
    public void Random_fates_always_end_with_nothing_half_done()
    {
        var seed = Environment.TickCount;
        for (var run = 0; run < 3000; run++)
        {
            var random = new Random(seed + run);
            var world = new SimulatedWorld();
            var deployment = RandomDeployment(random, world);
            try
            {
                deployment.Run(maxSteps: 100_000);
                AssertOneAtATime(deployment.Log);
                Assert.All(world.Journal.Where(line => line.StartsWith("do ", StringComparison.Ordinal)).GroupBy(line => line), lines => Assert.Single(lines));
                if (deployment.Ended is not (Outcome.Finished or Outcome.FinishedNotMerged)
                    && deployment.Log.OfType<LogEntry.Closed>().All(closed => closed.Outcome is not (Outcome.Finished or Outcome.FinishedNotMerged)))
                {
                    AssertClean(world);
                }
            }
            catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Seed {seed + run}: {failure.Message}\n{string.Join('\n', deployment.Log)}");
            }
        }
    }

    private static SimulatedDeployment RandomDeployment(Random random, SimulatedWorld world)
    {
        var fates = new Dictionary<(Stage, int), Fate>();
        var deployment = new SimulatedDeployment(Plan.Version1, world, (stage, tried) =>
            fates.TryGetValue((stage, tried), out var fate) ? fate : fates[(stage, tried)] = random.Next(12) switch
            {
                0 => Fate.Refuses,
                1 or 2 => Fate.Breaks,
                3 => Fate.Silent,
                _ => Fate.Proves,
            })
        {
            Deaths = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(200)).ToHashSet(),
            AsksPerQuestion = random.Next(1, 3),
            BrokenUndos = random.Next(4) == 0 ? random.Next(8) : 0,
        };
        if (random.Next(3) == 0)
        {
            deployment.Interventions[random.Next(120)] = SimulatedDeployment.Opened(2);
        }
        if (random.Next(4) == 0)
        {
            deployment.Interventions[random.Next(120)] = new LogEntry.Commanded(1, default, "alex", Command.Abort, null);
        }
        return deployment;
    }

    private static void AssertClean(SimulatedWorld world) =>
        Assert.DoesNotContain(world.Standing, effect =>
            effect.EndsWith("/Promote", StringComparison.Ordinal) || effect.EndsWith("/DeployStaging", StringComparison.Ordinal));

    // An attempt starts nothing while an older one is open.
    private static void AssertOneAtATime(IEnumerable<LogEntry> log)
    {
        var open = new SortedSet<int>();
        foreach (var entry in log)
        {
            if (entry is LogEntry.AttemptOpened)
            {
                open.Add(entry.Attempt);
            }
            else if (entry is LogEntry.Closed)
            {
                open.Remove(entry.Attempt);
            }
            else if (entry is LogEntry.Started)
            {
                Assert.Equal(open.Min, entry.Attempt);
            }
        }
    }
}
