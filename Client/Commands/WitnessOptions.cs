using System.CommandLine;
using Maestro.Hosting;

namespace Maestro.Commands;

/// <summary>Who watches the ledger from outside. Every silo of a cluster is told the same.</summary>
internal sealed class WitnessOptions
{
    private readonly Option<string[]> _witnesses = new("--witness")
    {
        Description = "Show the ledger to an outside witness (C2SP tlog-witness): its key and address, or a file with a line for each.",
        HelpName = "\"KEY URL\"|FILE",
    };

    private readonly Option<int> _required = SharedOptions.Number(
        "--require-witness", "Touch production only while so many of them have just seen the ledger.", 0, 16, 0);

    public void AddTo(Command command)
    {
        command.Options.Add(_witnesses);
        command.Options.Add(_required);
    }

    /// <exception cref="Deployments.RefusedException">They cannot be read.</exception>
    public WitnessSettings Of(ParseResult parsed) => WitnessSettings.Of(parsed.GetValue(_witnesses) ?? [], parsed.GetValue(_required));
}
