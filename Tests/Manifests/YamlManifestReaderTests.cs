using System.Text;
using Maestro.Deployments;
using Maestro.Environments;

namespace Maestro.Manifests;

public sealed class YamlManifestReaderTests
{
    private const string Least = """
        version: 1
        application: shop
        build:
          command: [sh, build.sh]
          output: out
        run:
          command: [dotnet, out/Shop.dll]
        health:
          - path: /healthz

        """;

    private const string Whole = """
        version: 1
        application: shop
        build:
          command: [sh, build.sh]
          output: build/out
          within: 5m
        test:
          command:
            - sh
            - "test it.sh"
          within: 90s
        run:
          command: [dotnet, out/Shop.dll]
          port: HTTP_PORT
        health:
          - path: /healthz
            status: 204
            body: ok
            interval: 500ms
            deadline: 1m
          - path: /ready?x=1
        infrastructure:
          directory: deploy/infra
          engine: terraform
        merge: before
        watch:
          window: 1h
          failures: 3

        """;

    [Fact]
    public void What_is_left_out_has_its_usual_value()
    {
        var manifest = Read(Least);

        Assert.Equal(("shop", "out", MergeMode.After), (manifest.Application, manifest.Output, manifest.Merge));
        Assert.Equal(["sh", "build.sh"], manifest.Build.Command);
        Assert.Equal(TimeSpan.FromMinutes(10), manifest.Build.Within);
        Assert.Null(manifest.Test);
        Assert.Null(manifest.Infrastructure);
        Assert.Equal("PORT", manifest.Run.PortVariable);
        Assert.Equal(
            new HealthCheck("/healthz", 200, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)), Assert.Single(manifest.Run.Health));
        Assert.Equal(new WatchSettings(TimeSpan.FromMinutes(15), 2), manifest.Watch);
    }

    [Fact]
    public void Everything_that_is_written_is_read()
    {
        var manifest = Read(Whole);

        Assert.Equal(["sh", "test it.sh"], manifest.Test!.Command);
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(90)), (manifest.Build.Within, manifest.Test.Within));
        Assert.Equal("HTTP_PORT", manifest.Run.PortVariable);
        Assert.Equal(2, manifest.Run.Health.Length);
        Assert.Equal(
            new HealthCheck("/healthz", 204, "ok", TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)), manifest.Run.Health[0]);
        Assert.Equal(new InfrastructureSettings("deploy/infra", "terraform"), manifest.Infrastructure);
        Assert.Equal((MergeMode.Before, new WatchSettings(TimeSpan.FromHours(1), 3)), (manifest.Merge, manifest.Watch));
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_are_fine() =>
        Assert.Equal("shop", Read("\uFEFF" + Whole.ReplaceLineEndings("\r\n")).Application);

    [Fact]
    public void An_unknown_key_names_the_place_and_the_nearest_key()
    {
        var reason = Refused("manifest.unknown-key", Least.Replace("  command: [dotnet", "  comand: [dotnet", StringComparison.Ordinal));

        Assert.Equal("maestro.yaml line 7, column 3: 'comand' is not a key here; did you mean 'command'?", reason.Rule);
    }

    [Fact]
    public void A_key_that_is_near_to_none_lists_them()
    {
        var reason = Refused("manifest.unknown-key", Least + "zzzzzzzzzzz: 1\n");

        Assert.Contains("line 10, column 1: 'zzzzzzzzzzz' is not a key here; the keys are version,", reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("environments: {production: {port: 80}}")]
    [InlineData("port: 80")]
    [InlineData("repository: https://elsewhere.example")]
    [InlineData("approvals: 0")]
    public void What_only_an_administrator_decides_is_said_so(string line)
    {
        var reason = Refused("manifest.unknown-key", Least + line + "\n");

        Assert.Contains("registered by an administrator", reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version: 1\n", "'version' is missing in maestro.yaml.")]
    [InlineData("application: shop\n", "'application' is missing in maestro.yaml.")]
    [InlineData("  output: out\n", "maestro.yaml line 4, column 3: 'output' is missing in build.")]
    [InlineData("health:\n  - path: /healthz\n", "'health' is missing in maestro.yaml.")]
    public void A_missing_key_is_named(string line, string sentence) => Assert.Contains(
        sentence, Refused("manifest.missing-key", Least.Replace(line, "", StringComparison.Ordinal)).Rule, StringComparison.Ordinal);

    [Theory]
    [InlineData("version: 1", "version: 2", "manifest.wrong-value")]
    [InlineData("version: 1", "version: '1'", "manifest.wrong-value")]
    [InlineData("version: 1", "version: [1]", "manifest.wrong-type")]
    [InlineData("version: 1", "version: 1\nversion: 1", "manifest.duplicate-key")]
    [InlineData("application: shop", "application: Shop", "manifest.wrong-value")]
    [InlineData("application: shop", "application:", "manifest.wrong-value")]
    [InlineData("application: shop", "application: \"shop\\n\"", "manifest.wrong-value")]
    [InlineData("[sh, build.sh]", "sh build.sh", "manifest.command-not-list")]
    [InlineData("[sh, build.sh]", "[]", "manifest.wrong-type")]
    [InlineData("[sh, build.sh]", "[sh, [build.sh]]", "manifest.wrong-type")]
    [InlineData("[sh, build.sh]", "[sh, \"a\\0b\"]", "manifest.wrong-type")]
    [InlineData("[sh, build.sh]", "['']", "manifest.wrong-value")]
    [InlineData("[sh, build.sh]", "{sh: build.sh}", "manifest.wrong-type")]
    [InlineData("output: out", "output: ../out", "manifest.wrong-value")]
    [InlineData("output: out", "output: /out", "manifest.wrong-value")]
    [InlineData("output: out", "output: a/../../b", "manifest.wrong-value")]
    [InlineData("output: out", "output: 'a\\..\\b'", "manifest.wrong-value")]
    [InlineData("output: out", "output: .", "manifest.wrong-value")]
    [InlineData("output: out", "output: out\n  within: 31m", "manifest.wrong-value")]
    [InlineData("output: out", "output: out\n  within: 10", "manifest.wrong-value")]
    [InlineData("output: out", "output: out\n  within: -1s", "manifest.wrong-value")]
    [InlineData("output: out", "output: out\n  within: 99999999h", "manifest.wrong-value")]
    [InlineData("path: /healthz", "path: healthz", "manifest.wrong-value")]
    [InlineData("path: /healthz", "path: //elsewhere.example/", "manifest.wrong-value")]
    [InlineData("path: /healthz", "path: /healthz\n    status: 99", "manifest.wrong-value")]
    [InlineData("path: /healthz", "path: /healthz\n    interval: 99ms", "manifest.wrong-value")]
    [InlineData("  - path: /healthz", "  path: /healthz", "manifest.wrong-type")]
    [InlineData("out/Shop.dll]", "out/Shop.dll]\n  port: 8080", "manifest.wrong-value")]
    [InlineData("version: 1", "version: 1\nmerge: soon", "manifest.wrong-value")]
    [InlineData("version: 1", "version: 1\nwatch: {failures: 0}", "manifest.wrong-value")]
    [InlineData("version: 1", "version: 1\ntest:", "manifest.wrong-type")]
    [InlineData("[sh, build.sh]", "&a [sh, build.sh]", "manifest.reference")]
    [InlineData("[sh, build.sh]", "*a", "manifest.reference")]
    [InlineData("[sh, build.sh]", "!!seq [sh, build.sh]", "manifest.reference")]
    [InlineData("version: 1", "version: 1\n---\nversion: 1", "manifest.many-documents")]
    [InlineData("version: 1", "version: 1\n\t- x: [", "manifest.not-yaml")]
    [InlineData("version: 1", "version: 1\n? [a, b]\n: c", "manifest.wrong-type")]
    public void What_is_wrong_is_refused_with_its_place(string right, string wrong, string code)
    {
        var reason = Refused(code, Least.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Matches(@"\Amaestro\.yaml line \d+, column \d+: ", reason.Rule);
    }

    [Fact]
    public void What_is_shown_of_a_manifest_is_fit_to_be_shown()
    {
        var reason = Refused("manifest.unknown-key", Least + "\"\\e[2J\\u202Eevil\": 1\n");

        Assert.DoesNotContain('\u001b', reason.ToString());
        Assert.DoesNotContain('\u202e', reason.ToString());
    }

    [Fact]
    public void Sizes_and_depth_are_bounded()
    {
        Refused("manifest.too-large", Least + new string('#', 64 << 10));
        Refused("manifest.too-deep", "a: " + new string('[', 60_000));
        Refused("manifest.too-deep", string.Concat(Enumerable.Range(0, 200).Select(i => new string(' ', i) + "a:\n")));
        Refused(
            "manifest.wrong-type",
            Least.Replace("[sh, build.sh]", $"[{string.Join(',', Enumerable.Repeat("a", 101))}]", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_and_no_section_are_refused()
    {
        Refused("manifest.empty", "");
        Refused("manifest.empty", "# only a comment\n");
        Refused("manifest.wrong-type", "- a\n");
        Refused("manifest.wrong-type", "text");
        Refused("manifest.missing-key", "{}");
    }

    [Fact]
    public void What_is_not_utf8_is_refused()
    {
        var refused = Assert.Throws<RefusedException>(() => new YamlManifestReader().Read(new byte[] { (byte)'a', 0xff }));

        Assert.Equal("manifest.not-utf8", refused.Reason.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_the_text_only_a_refusal_escapes(int seed)
    {
        var random = new Random(seed);
        var reader = new YamlManifestReader();
        for (var round = 0; round < 2_000; round++)
        {
            var text = Mutated(random);
            var error = Record.Exception(() => reader.Read(text));
            Assert.True(error is null or RefusedException, $"seed {seed}, round {round}: {error}\n{Convert.ToBase64String(text)}");
        }
    }

    private static byte[] Mutated(Random random)
    {
        string[] pieces =
        [
            "&a ", "*a", "!!", "---\n", "...\n", "? ", ": ", "- ", "[", "]", "{", "}", "\"", "'", "|\n", ">-2\n", "%YAML 9.9\n",
            "%TAG ! x\n", "\t", "\0", "\u0085", "\uFEFF", "#", "\\u", "<<", "~", "@", "`", "\r",
        ];
        var text = Encoding.UTF8.GetBytes(Whole).ToList();
        for (var change = random.Next(1, 8); change > 0; change--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(5))
            {
                case 0:
                    text[at] = (byte)random.Next(256);
                    break;
                case 1:
                    text.RemoveRange(at, Math.Min(random.Next(30), text.Count - at - 1));
                    break;
                case 2:
                    text.InsertRange(at, text.GetRange(random.Next(at + 1), Math.Min(20, text.Count - at - 1) / 2));
                    break;
                default:
                    text.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                    break;
            }
        }
        return [.. text];
    }

    private static Manifest Read(string text) => new YamlManifestReader().Read(Encoding.UTF8.GetBytes(text));

    private static Reason Refused(string code, string text)
    {
        var refused = Assert.Throws<RefusedException>(() => Read(text));
        Assert.Equal(code, refused.Reason.Code);
        return refused.Reason;
    }
}
