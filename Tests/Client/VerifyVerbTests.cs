using Maestro.Connection;
using Maestro.Custody;
using Maestro.Identity;

namespace Maestro.Client;

/// <summary>What <c>maestro verify --bundle</c> says of files from anywhere.</summary>
public sealed class VerifyVerbTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly TestCustody _custody = new();

    public VerifyVerbTests() => Directory.CreateDirectory(_folder.Personal);

    public void Dispose()
    {
        _custody.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\0\0\0")]
    [InlineData("{\"form\":\"https://maestro.example/bundle/v1\",\"form\":\"x\"}")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("{\"form\":\"https://maestro.example/bundle/v9\",\"deployment\":\"pr/local/a/b/1\",\"attempt\":1,\"exportedAt\":\"2026-01-01T00:00:00Z\","
        + "\"registry\":\"\",\"roster\":null,\"entries\":[],\"evidence\":{},\"proofs\":[],\"checkpoint\":\"\"}")]
    [InlineData("{\"form\":\"https://maestro.example/bundle/v1\",\"deployment\":\"nobody\",\"attempt\":1,\"exportedAt\":\"2026-01-01T00:00:00Z\","
        + "\"registry\":\"\",\"roster\":null,\"entries\":[],\"evidence\":{},\"proofs\":[],\"checkpoint\":\"\"}")]
    [InlineData("{\"form\":\"https://maestro.example/bundle/v1\",\"deployment\":\"pr/local/a/b/1\",\"attempt\":1,\"exportedAt\":\"2026-01-01T00:00:00Z\","
        + "\"registry\":\"\",\"roster\":null,\"entries\":[null],\"evidence\":{},\"proofs\":[],\"checkpoint\":\"\"}")]
    [InlineData("{\"form\":\"https://maestro.example/bundle/v1\",\"deployment\":\"pr/local/a/b/1\",\"attempt\":1,\"exportedAt\":\"2026-01-01T00:00:00Z\","
        + "\"registry\":\"\",\"roster\":null,\"entries\":[],\"evidence\":{\"a\":null},\"proofs\":[],\"checkpoint\":\"\"}")]
    public async Task What_is_no_bundle_is_refused_in_one_sentence(string text)
    {
        var run = await VerifyAsync(text, _custody.Root);

        Assert.Equal(ExitCode.Refused, run.ExitCode);
        Assert.StartsWith("A bundle is one JSON document as maestro export prints it.", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task An_empty_bundle_of_another_root_holds_nothing()
    {
        const string text = "{\"form\":\"https://maestro.example/bundle/v1\",\"deployment\":\"pr/local/a/b/1\",\"attempt\":1,"
            + "\"exportedAt\":\"2026-01-01T00:00:00Z\",\"registry\":\"%\",\"roster\":null,\"entries\":[],\"evidence\":{},\"proofs\":[],\"checkpoint\":\"\"}";

        var run = await VerifyAsync(text, _custody.Root);
        var own = await VerifyAsync(text.Replace("%", Convert.ToBase64String(await File.ReadAllBytesAsync(
            Path.Combine(_custody.Keys, "registry.json"), TestContext.Current.CancellationToken)), StringComparison.Ordinal), _custody.Root);

        Assert.Equal((ExitCode.Refused, ExitCode.Refused), (run.ExitCode, own.ExitCode));
        Assert.Contains("0 checks hold, 1 do not", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 checks hold, 1 do not", own.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not a key")]
    public async Task What_is_no_root_key_is_refused_in_one_sentence(string root)
    {
        var run = await VerifyAsync("{}", root);

        Assert.Equal(ExitCode.Refused, run.ExitCode);
        Assert.Contains("is not a root's public key", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_a_key_or_a_name_it_says_what_is_missing()
    {
        var missing = await ConsoleRun.OfAsync("verify", "--bundle", _folder["none.json"], "--root", Write("root.pub", _custody.Root));
        var unnamed = await ConsoleRun.OfAsync("verify", "--root", Write("root.pub", _custody.Root));
        var rootless = await ConsoleRun.OfAsync("verify", "--bundle", _folder["none.json"], "--root", _folder["none.pub"]);

        Assert.Equal((ExitCode.Refused, ExitCode.Usage, ExitCode.Refused), (missing.ExitCode, unnamed.ExitCode, rootless.ExitCode));
        Assert.Contains("none.json", missing.Error, StringComparison.Ordinal);
        Assert.Contains("--bundle FILE", unnamed.Error, StringComparison.Ordinal);
        Assert.Contains("--root KEYFILE", rootless.Error, StringComparison.Ordinal);
    }

    private Task<ConsoleRun> VerifyAsync(string bundle, string root) =>
        ConsoleRun.OfAsync("verify", "--bundle", Write("bundle.json", bundle), "--root", Write("root.pub", root));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.Personal, name);
        File.WriteAllText(path, text);
        return path;
    }
}
