using System.CommandLine;
using Maestro.Anomalies;

namespace Maestro.Commands;

/// <summary>From when on a sender of messages is told of, or cut off: the options of the verbs that start a silo.</summary>
internal sealed class SenderOptions
{
    private static readonly SenderBounds Default = new();

    private readonly Option<int> _perSecond = SharedOptions.Number(
        "--message-limit", "Cut a sender off that sends more messages a second.", 10, 100_000, Default.PerSecond);

    private readonly Option<int> _failures = SharedOptions.Number(
        "--message-failures", "Tell people of so many messages a minute that fail a check.", 1, 10_000, Default.Failures);

    private readonly Option<int> _failuresLimit = SharedOptions.Number(
        "--message-failures-limit", "Tell people of a flood of these; cut an agent off that answers as often what it was never asked.",
        2, 100_000, Default.FailuresLimit);

    public void AddTo(Command command)
    {
        command.Options.Add(_perSecond);
        command.Options.Add(_failures);
        command.Options.Add(_failuresLimit);
    }

    public SenderBounds Of(ParseResult parsed) => Default with
    {
        PerSecond = parsed.GetValue(_perSecond),
        Failures = parsed.GetValue(_failures),
        FailuresLimit = parsed.GetValue(_failuresLimit),
    };
}
