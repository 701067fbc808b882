using System.CommandLine;
using System.Globalization;
using Maestro.Connection;
using Maestro.Screen;

namespace Maestro.Commands;

/// <summary>What the verbs share: the options that all of them take, and the way to the silo.</summary>
internal sealed class SharedOptions(ConsoleSetting setting)
{
    private const string Text = "text";
    private const string Json = "json";

    public ConsoleSetting Setting => setting;

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "The silo's data folder. Default: $MAESTRO_DATA, ./.maestro, ~/.local/share/maestro.",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "Print without colours.", Recursive = true };

    /// <summary>The option of every query: for people or for scripts.</summary>
    public static Option<string> Output()
    {
        var option = new Option<string>("--output", "-o") { Description = "text or json.", HelpName = "FORM", DefaultValueFactory = _ => Text };
        option.AcceptOnlyFromAmong(Text, Json);
        return option;
    }

    public static bool AsksForJson(ParseResult parsed, Option<string> output) => parsed.GetValue(output) == Json;

    /// <summary>An option that takes one word, and has one where none is given.</summary>
    public static Option<string> Word(string name, string description, string helpName, string fallback) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => fallback };

    /// <summary>An option that takes a whole number within limits.</summary>
    public static Option<int> Number(string name, string description, int minimum, int maximum, int fallback) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => fallback,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum)
            {
                return number;
            }
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a number from {minimum} to {maximum}, not '{text}'."));
            return fallback;
        },
    };

    public static Argument<string> Id()
    {
        var id = new Argument<string>("ID") { Description = "The deployment: pr/local/acme/shop/42, acme/shop/42 or shop/42." };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith('-'))
            {
                result.AddError($"'{token.Value}' is not an option.");
            }
        });
        return id;
    }

    /// <summary>The data folder that was asked for; null where none was.</summary>
    public string? GivenFolder(ParseResult parsed) => GivenFolder(parsed, Data);

    /// <summary>The folder that an option names, absolute; null where it names none.</summary>
    public static string? GivenFolder(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { Length: > 0 } given ? Path.GetFullPath(given) : null;

    public string Folder(ParseResult parsed) => DataFolder.Find(parsed.GetValue(Data));

    public Terminal Terminal(ParseResult parsed) => parsed.GetValue(NoColor) ? setting.Terminal with { Colour = false } : setting.Terminal;

    /// <summary>Does something with the silo of the data folder, and lets go of it.</summary>
    public async Task<int> WithSiloAsync(ParseResult parsed, Func<ISilo, Task<int>> act, CancellationToken cancellation)
    {
        await using var silo = await setting.Connector.ConnectAsync(Folder(parsed), cancellation);
        return await act(silo);
    }

    /// <summary>Asks a yes-or-no question. Where nobody can be asked, <c>--yes</c> must have been given.</summary>
    public async Task<bool> ConfirmAsync(string question, bool yes, CancellationToken cancellation)
    {
        if (yes)
        {
            return true;
        }
        if (!setting.Terminal.Interactive)
        {
            throw new SentenceException("Nobody is here to be asked. Look at it first, then say --yes.", ExitCode.Usage);
        }
        await setting.Terminal.Out.WriteAsync($"{question} [y/N] ");
        await setting.Terminal.Out.FlushAsync(cancellation);
        return await setting.Terminal.In.ReadLineAsync(cancellation) is { } answer
            && answer.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
