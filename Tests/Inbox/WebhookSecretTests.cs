using System.Text;
using Maestro.Deployments;
using Maestro.Hosting;
using Maestro.Storage;

namespace Maestro.Inbox;

/// <summary>Which secrets a silo starts with.</summary>
public sealed class WebhookSecretTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maestro-secrets-");

    [Fact]
    public void A_secret_is_the_files_bytes_without_line_ends_after_them()
    {
        var secrets = WebhookSecrets.Read(WebhookSettings.Of(8200, [Write("a", $"{new string('s', 32)}\r\n"), $"git-hub={Write("b", new string('t', 64))}"])!);
        Assert.Equal(new string('s', 32), Encoding.UTF8.GetString(secrets.Of("generic")));
        Assert.Equal(new string('t', 64), Encoding.UTF8.GetString(secrets.Of("git-hub")));
        Assert.False(secrets.Knows("other"));
        Assert.NotEqual(secrets.Of("other"), WebhookSecrets.Read(WebhookSettings.Of(8200, [Write("c", new string('u', 32))])!).Of("other"));
    }

    [Fact]
    public void One_that_others_may_read_is_refused()
    {
        var path = Write("open", new string('s', 32));
        File.SetUnixFileMode(path, DurableFile.OwnerOnly | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_short_long_or_missing_is_refused_without_saying_it()
    {
        Assert.Contains("31 bytes", Refusal(Write("short", $"{new string('s', 31)}\n\n")), StringComparison.Ordinal);
        Assert.Contains("32 to 4096 bytes", Refusal(Write("long", new string('s', 5000))), StringComparison.Ordinal);
        Assert.Contains("missing", Refusal(Path.Combine(_folder.FullName, "missing")), StringComparison.Ordinal);
        Assert.DoesNotContain("sss", Refusal(Write("shown", "sssss")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "file")]
    [InlineData(8200)]
    [InlineData(8200, "one", "two")]
    [InlineData(8200, "a=one", "a=two")]
    [InlineData(8200, "a=")]
    public void Options_that_do_not_fit_are_refused(int port, params string[] secrets) =>
        Assert.Equal("webhook.options", Identity.Refused.By(() => WebhookSettings.Of(port, secrets)));

    [Fact]
    public void Neither_option_means_none() => Assert.Null(WebhookSettings.Of(0, []));

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Refusal(string path)
    {
        var refused = Assert.Throws<RefusedException>(() => WebhookSecrets.Read(WebhookSettings.Of(8200, [path])!));
        Assert.Equal("webhook.secret", refused.Reason.Code);
        return refused.Message;
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, DurableFile.OwnerOnly);
        return path;
    }
}
