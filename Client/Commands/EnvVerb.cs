using System.CommandLine;
using System.Globalization;
using Maestro.Applications;
using Maestro.Connection;
using Maestro.Environments;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary><c>maestro env</c>: what is live, who holds the lock, and what holds releases back.</summary>
internal static class EnvVerb
{
    private static readonly string[] Names = [EnvironmentSettings.StagingName, EnvironmentSettings.ProductionName];

    public static string Key(string application, string environment) => $"env/{application}/{environment}";

    public static Command Create(SharedOptions shared)
    {
        var application = new Argument<string>("APP") { Description = "The application." };
        var hold = new Option<string?>("--release-hold") { Description = "Allow releases to this environment again.", HelpName = "ENVIRONMENT" };
        hold.AcceptOnlyFromAmong(Names);
        var reason = new Option<string?>("--reason") { Description = "Why the hold may go.", HelpName = "TEXT" };
        var output = SharedOptions.Output();
        var command = new Command("env", "Show an application's environments, or lift a hold.") { application, hold, reason, output };
        command.SetAction((parsed, cancellation) => shared.WithSiloAsync(parsed, async silo =>
        {
            var name = await RegisteredAsync(silo, parsed.GetRequiredValue(application));
            return parsed.GetValue(hold) is { } environment
                ? await LiftAsync(silo, shared.Terminal(parsed), Key(name, environment), parsed.GetValue(reason))
                : await ShowAsync(silo, shared.Terminal(parsed), name, SharedOptions.AsksForJson(parsed, output), shared.Setting.Time.GetUtcNow());
        }, cancellation));
        return command;
    }

    // An environment grain answers for any name, so a mistyped one must be found here.
    private static async Task<string> RegisteredAsync(ISilo silo, string name) =>
        await silo.Grain<IApplicationsGrain>(AppVerb.RegisterKey).FindAsync(name) is { } application
            ? application.Name
            : throw new SentenceException($"There is no application '{name}'. See them with: maestro app list", ExitCode.NotFound);

    private static async Task<int> LiftAsync(ISilo silo, Terminal terminal, string key, string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new SentenceException("Lifting a hold needs a reason for the ledger: --reason TEXT", ExitCode.Usage);
        }
        await silo.Grain<IEnvironmentGrain>(key).ReleaseHoldAsync(reason);
        terminal.Say($"The hold on {key} is lifted.");
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ISilo silo, Terminal terminal, string application, bool json, DateTimeOffset now)
    {
        var views = new List<EnvironmentView>();
        foreach (var name in Names)
        {
            views.Add(await silo.Grain<IEnvironmentGrain>(Key(application, name)).GetAsync());
        }
        if (json)
        {
            await terminal.Out.WriteLineAsync(JsonOutput.Of("environments", views));
            return ExitCode.Done;
        }
        terminal.Write(Page(views, now));
        return ExitCode.Done;
    }

    public static IEnumerable<Line> Page(IEnumerable<EnvironmentView> views, DateTimeOffset now)
    {
        foreach (var view in views)
        {
            yield return Line.Of(new Span($"{view.Application} {view.Name}", Tone.Strong));
            yield return Field("Live", OfRelease(view.Live, now));
            yield return Field("In flight", OfRelease(view.InFlight, now));
            yield return Field("Before", view.Before.IsEmpty ? "nothing" : string.Join(", ", view.Before.Select(release => release.Id)));
            var token = view.Token.ToString(CultureInfo.InvariantCulture);
            yield return Field("Lock", view.LockHolder is null ? "free" : $"{view.LockHolder}, token {token}");
            if (!view.Queue.IsEmpty)
            {
                yield return Field("Queue", string.Join(", ", view.Queue));
            }
            yield return view.Hold is null
                ? Field("Hold", "none")
                : Field("Hold", $"{view.Hold}{(view.HeldSince is { } since ? $", for {Duration.Of(now - since)}" : "")}", Tone.Bad);
            yield return Line.Empty;
        }
    }

    private static string OfRelease(Release? release, DateTimeOffset now) => release is null
        ? "nothing"
        : $"{(release.Id.Length > 0 ? release.Id : "new")}, image {release.Image.Abbreviated}, "
            + $"from {release.Deployment}, {Duration.Of(now - release.At)} ago";

    private static Line Field(string label, string value, Tone tone = Tone.Plain) =>
        Line.Of(new Span($"  {label}:".PadRight(13), Tone.Faint), new Span(value, tone));
}
