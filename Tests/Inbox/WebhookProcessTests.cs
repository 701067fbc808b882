using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Maestro.Delivery;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Identity;
using Maestro.Storage;
using Maestro.Support;

namespace Maestro.Inbox;

/// <summary>Webhooks into a silo process, as the documentation says they are sent.</summary>
public sealed partial class WebhookProcessTests : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("maestro-webhooks-");
    private readonly int _port = Ports.Free();
    private TestDelivery _delivery = null!;

    private string Secret => Path.Combine(_home.FullName, "webhook.secret");

    [Fact]
    public async Task A_pull_request_is_opened_updated_and_closed_as_documented_and_a_silo_killed_in_between_hands_over_what_it_kept()
    {
        await _delivery.Repository.PushAsync("feature", ("settings.txt", "version=1\n"));
        Assert.Equal("Kept.", await SendAsync("opened", "d-1"));
        Assert.Equal("Kept before.", await SendAsync("opened", "d-1"));
        var id = await UntilOpenedAsync(1);

        await _delivery.Repository.PushAsync("feature", ("settings.txt", "version=2\n"));
        Assert.Equal("Kept.", await SendAsync("updated", "d-2"));
        await UntilOpenedAsync(2);

        // It dies as soon as it has answered, so what it answered for is handed over after it has started again, or was just before.
        Assert.Equal("Kept.", await SendAsync("closed", "d-3"));
        await _delivery.KillAsync();
        await _delivery.StartSiloAsync();
        await Eventually.IsTrueAsync(async () => (await _delivery.HistoryAsync(id)).Any(entry => entry is LogEntry.Closed { Attempt: 2 }));
        var history = await _delivery.HistoryAsync(id);
        Assert.Contains(history, entry => entry is LogEntry.Closed { Attempt: 2, Outcome: Outcome.Aborted, Code: Codes.ChangeClosed });
        Assert.Single(history, entry => entry is LogEntry.CancelRequested { Attempt: 2 });
        Assert.Equal("Kept before.", await SendAsync("closed", "d-3"));
    }

    [Fact]
    public async Task What_was_kept_before_a_kill_and_not_handed_over_is_handed_over_once_by_the_next_silo()
    {
        await _delivery.Repository.PushAsync("feature", ("settings.txt", "version=1\n"));
        await _delivery.KillAsync();
        using (var source = new SqliteSource(Path.Combine(_delivery.Data, "maestro.db")))
        {
            await using var inbox = new SqliteInbox(source);
            await inbox.KeepAsync(Deliveries.Of("d-1", application: TestDelivery.Application, at: TimeProvider.System.GetUtcNow()));
        }
        await _delivery.StartSiloAsync();
        var id = await UntilOpenedAsync(1);
        await Eventually.IsTrueAsync(() => Task.FromResult(!Select("SELECT 1 FROM inbox WHERE state = 'handed'").IsEmpty));
        Assert.Single(Select("SELECT deployment FROM deployment_head"));
        Assert.Single((await _delivery.HistoryAsync(id)).OfType<LogEntry.AttemptOpened>());
    }

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Secret, "a secret of thirty-two characters\n");
        File.SetUnixFileMode(Secret, DurableFile.OwnerOnly);
        _delivery = await TestDelivery.StartAsync(
            options: ["--webhook-port", _port.ToString(CultureInfo.InvariantCulture), "--webhook-secret", Secret]);
    }

    public async ValueTask DisposeAsync()
    {
        await _delivery.DisposeAsync();
        _home.Delete(recursive: true);
    }

    /// <summary>Runs the example of the documentation with other values in it.</summary>
    private async Task<string> SendAsync(string action, string id)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl") && File.Exists("/usr/bin/openssl"), "curl or openssl is not installed.");
        var text = await File.ReadAllTextAsync(Path.Combine(Fixtures.Root, "docs", "webhooks.md"));
        var example = Example().Match(text).Groups[1].Value.Replace("\"opened\"", $"\"{action}\"", StringComparison.Ordinal)
            .Replace("\"shop\"", $"\"{TestDelivery.Application}\"", StringComparison.Ordinal).Replace("d-1", id, StringComparison.Ordinal)
            .Replace(":8200/", string.Create(CultureInfo.InvariantCulture, $":{_port}/"), StringComparison.Ordinal);
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-eu", "-c", example])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = _home.FullName, ["no_proxy"] = "*" },
        })!;
        var errors = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, await errors);
        return output.TrimEnd('\n');
    }

    private async Task<string> UntilOpenedAsync(int attempt)
    {
        await Eventually.IsTrueAsync(() => Task.FromResult(
            !Select($"SELECT 1 FROM deployment_head WHERE attempt = {attempt.ToString(CultureInfo.InvariantCulture)}").IsEmpty));
        return Assert.Single(Select("SELECT deployment FROM deployment_head"));
    }

    private System.Collections.Immutable.ImmutableArray<string> Select(string text)
    {
        using var source = new SqliteSource(Path.Combine(_delivery.Data, "maestro.db"));
        using var connection = source.Open();
        return connection.Select(text, row => row.GetValue(0).ToString()!);
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
