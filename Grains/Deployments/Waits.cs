using System.Collections.Immutable;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Deployments;

/// <summary>What a deployment waits for, so that none waits without an owner, a reason and a time at which it moves by itself.</summary>
public static class Waits
{
    public static ImmutableArray<WaitView> Of(Plan? plan, Progress progress, ChangeOpened change, Orders orders, IPresence presence, DateTimeOffset now)
    {
        if (progress.Active is not { } attempt)
        {
            return [];
        }
        if (plan is null || attempt.TableVersion != plan.Version)
        {
            return [new("an administrator", $"a silo that knows version {attempt.TableVersion} of the plan",
                "Start a silo of the release that opened this deployment.", now + TimeSpan.FromMinutes(1))];
        }
        var waits = plan.Decide(progress, now).Select(move => Of(move, change, orders, presence, progress.Active, now)).OfType<WaitView>().ToList();
        var parked = attempt.Rows.Values.Where(row => row.IsParked(now)).Select(row => new WaitView(
            "an operator", $"{row.Stage} to be undone, which failed {row.FailedUndos} times, the last with {row.Code}",
            "Mend the cause, then use: maestro retry.", row.ChangedAt + Decisions.ParkedFor));
        return [.. waits, .. parked];
    }

    /// <summary>The role that a row needs and that no live silo has; null where all are there.</summary>
    public static Role? FindAbsent(this IPresence presence, Row row) =>
        !presence.HasSiloWith(row.Asked) ? row.Asked
        : row.Besides is { } besides && !presence.HasSiloWith(besides) ? besides
        : null;

    private static WaitView Absent(Role role, DateTimeOffset movesAt) => new(
        "an operator", $"a silo with the role {Principal.Name(role)}", $"Start one: maestro silo --roles {Principal.Name(role)}", movesAt);

    private static WaitView? Of(
        Move move, ChangeOpened change, Orders orders, IPresence presence, AttemptProgress attempt, DateTimeOffset now) => move switch
        {
            Move.Begin begin when presence.FindAbsent(begin.Row) is { } role => Absent(role, now + Orders.RolePause),
            Move.Ask ask when presence.FindAbsent(ask.Row) is { } role => Absent(role, ask.Deadline),
            Move.Ask { Row.Asked: Role.Desk } ask => new(
                $"team {change.Application.Team}", orders.WaitingFor(ask.Attempt, ask.Row.Stage) ?? $"a decision on {ask.Row.Stage}",
                $"Use maestro approve or maestro reject, as somebody who is not an author ({string.Join(", ", change.Authors)}).", ask.Deadline),
            Move.Ask ask => new(
                $"the {Principal.Name(ask.Row.Asked)} agent", $"{ask.Row.Stage}, try {ask.Try}: {orders.WaitingFor(ask.Attempt, ask.Row.Stage) ?? "under way"}",
                "It goes on by itself; maestro abort ends it.", ask.Deadline),
            Move.Halt stop => new($"the {Principal.Name(stop.Row.Asked)} agent", $"{stop.Row.Stage} to stop", "It goes on by itself.", stop.Deadline),
            Move.Undo undo => new(
                $"the {Principal.Name(undo.Row.Asked)} agent",
                    $"{undo.Row.Stage} to be undone ({attempt.BackCode}): {orders.WaitingFor(undo.Attempt, undo.Row.Stage) ?? "under way"}",
                "It goes on by itself.", now + TimeSpan.FromSeconds(30)),
            _ => null,
        };
}
