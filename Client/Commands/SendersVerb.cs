using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Maestro.Anomalies;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro senders</c>: who sends messages to whom, how many, and who is cut off.</summary>
internal static class SendersVerb
{
    private const string Key = "senders/main";

    public static Command Create(SharedOptions shared)
    {
        var output = SharedOptions.Output();
        var command = new Command("senders", "Show who sends messages to whom, and who is cut off.") { output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var (terminal, found) = (shared.Terminal(parsed), await silo.Grain<ISendersGrain>(Key).ListAsync());
            if (SharedOptions.AsksForJson(parsed, output))
            {
                await terminal.Out.WriteLineAsync(JsonOutput.Of("senders", found));
            }
            else if (found.IsEmpty)
            {
                terminal.Say("Nobody has sent a message yet.");
            }
            else
            {
                terminal.Write(Page(found, shared.Setting.Time.GetUtcNow()));
            }
            return ExitCode.Done;
        }, cancellation));
        command.Subcommands.Add(Lift(shared));
        return command;
    }

    private static Command Lift(SharedOptions shared)
    {
        var name = new Argument<string>("NAME") { Description = "The sender, such as review." };
        var reason = new Option<string?>("--reason") { Description = "Why it may be heard again.", HelpName = "TEXT" };
        var command = new Command("lift", "Hear a sender again that was cut off, and learn anew what is usual for it.") { name, reason };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var why = parsed.GetValue(reason);
            if (string.IsNullOrWhiteSpace(why))
            {
                throw new SentenceException("Lifting needs a reason for the ledger: --reason TEXT", ExitCode.Usage);
            }
            var sender = parsed.GetRequiredValue(name);
            var lifted = await silo.Grain<ISendersGrain>(Key).LiftAsync(sender, why);
            shared.Terminal(parsed).Say(lifted == 0
                ? $"{sender} was not cut off. What is usual for it is learned anew."
                : $"{sender} is heard again within five seconds. What is usual for it is learned anew.");
            return ExitCode.Done;
        }, cancellation));
        return command;
    }

    public static IEnumerable<Line> Page(IEnumerable<SenderView> senders, DateTimeOffset now) =>
        Columns.Of(["SENDER", "TO", "A SECOND", "USUAL", "FAILED", "CUT OFF"], senders.Select(view => (ImmutableArray<Span>)
        [
            new(view.Sender, Tone.Strong), new(view.Receiver), new(Rate(view.PerSecond)), new(view.Usual is { } usual ? $"≤ {Rate(usual)}" : "not known yet"),
            new(view.Failed.ToString(CultureInfo.InvariantCulture)),
            view.CutSince is { } since ? new($"for {Duration.Of(now - since)}: {view.Why}", Tone.Bad) : new("no", Tone.Faint),
        ]));

    private static string Rate(double perSecond) => perSecond.ToString("0.#", CultureInfo.InvariantCulture);
}
