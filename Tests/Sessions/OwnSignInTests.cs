using System.Net;
using System.Text.Json;
using Maestro.Api;
using Maestro.Connection;
using Maestro.Identity;

namespace Maestro.Sessions;

/// <summary>Signing in to a silo that is its own issuer: the key is enough, and the file is its owner's.</summary>
public sealed class OwnSignInTests(ApiSilo silo) : IClassFixture<ApiSilo>
{
    [Fact]
    public async Task Logging_in_makes_a_session_that_the_API_takes_and_logging_out_ends_it_here()
    {
        var (code, said) = await SignedConsole.RunAsync(silo.Data, "login", "dora", "--email", "dora@maestro.example", "--role", "viewer");
        Assert.True(code == ExitCode.Done, said);
        Assert.Contains("You are signed in as dora at http://127.0.0.1:", said, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf("dora")));

        var (_, token) = await SignedConsole.RunAsync(silo.Data, "session", "--token");
        Assert.Equal(HttpStatusCode.OK, (await silo.AskAsync("/api/v1/me", token.Trim())).Status);
        var (_, shown) = await SignedConsole.RunAsync(silo.Data, "session", "-o", "json");
        Assert.Equal("dora", JsonDocument.Parse(shown).RootElement.GetProperty("session").GetProperty("person").GetString());
        Assert.DoesNotContain(token.Trim(), shown, StringComparison.Ordinal);

        await SignedConsole.RunAsync(silo.Data, "logout");
        Assert.False(File.Exists(FileOf("dora")));
        // Whoever has the key has a session when it is needed.
        Assert.Equal(ExitCode.Done, (await SignedConsole.RunAsync(silo.Data, "session")).Code);
    }

    [Fact]
    public async Task A_session_that_is_about_to_end_is_renewed_with_the_key()
    {
        PersonKeys.Choose(silo.Data, "anna");
        new StoredSession(silo.Issuer, "a.e30.c", null).Write(FileOf("anna"));
        var (code, token) = await SignedConsole.RunAsync(silo.Data, "session", "--token");
        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(HttpStatusCode.OK, (await silo.AskAsync("/api/v1/me", token.Trim())).Status);
    }

    [Fact]
    public async Task A_session_that_others_may_read_is_not_used()
    {
        PersonKeys.Choose(silo.Data, "bob");
        Assert.Equal(ExitCode.Done, (await SignedConsole.RunAsync(silo.Data, "login")).Code);
        var (file, folder) = (FileOf("bob"), PersonKeys.Folder(silo.Data));
        var (own, ownFolder) = (File.GetUnixFileMode(file), File.GetUnixFileMode(folder));
        File.SetUnixFileMode(file, own | UnixFileMode.GroupRead);
        var (wide, said) = await SignedConsole.RunAsync(silo.Data, "session");
        Assert.Equal(ExitCode.Refused, wide);
        Assert.Contains("chmod 600", said, StringComparison.Ordinal);
        File.SetUnixFileMode(file, own);
        File.SetUnixFileMode(folder, ownFolder | UnixFileMode.OtherExecute);
        Assert.Equal(ExitCode.Refused, (await SignedConsole.RunAsync(silo.Data, "session")).Code);
        File.SetUnixFileMode(folder, ownFolder);
        Assert.Equal(ExitCode.Done, (await SignedConsole.RunAsync(silo.Data, "session")).Code);
    }

    private string FileOf(string person) => StoredSession.PathOf(PersonKeys.Folder(silo.Data), person);
}
