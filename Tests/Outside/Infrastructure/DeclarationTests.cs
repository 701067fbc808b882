using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text;

namespace Maestro.Outside.Infrastructure;

[SupportedOSPlatform("linux")]
public sealed class DeclarationTests
{
    [Theory]
    [InlineData("  - directory: /etc\n", "line 3, column 16", "absolute")]
    [InlineData("  - directory: ../out\n", "line 3", "leads elsewhere")]
    [InlineData("  - directory: a/../../out\n", "line 3", "leads elsewhere")]
    [InlineData("  - directory: a//b\n", "line 3", "empty name")]
    [InlineData("  - directory: NUL\n", "line 3", "reserved")]
    [InlineData("  - directory: .maestro-x\n", "line 3", "reserved")]
    [InlineData("  - directory: a/.git/hooks\n", "line 3", "reserved")]
    [InlineData("  - directory: \"a\\u202eb\"\n", "line 3", "characters")]
    [InlineData("  - directory: a\n  - directory: A\n", "line 4", "capital letters")]
    [InlineData("  - directory: a\n  - directory: a\n", "line 4", "declared twice")]
    [InlineData("  - directory: a\n  - file: a\n    content: x\n", "line 4", "same place")]
    [InlineData("  - file: a\n    content: x\n  - file: a/b\n    content: x\n", "line 5", "same place")]
    [InlineData("  - file: a\n    content: x\n    mode: 4755\n", "line 5, column 11", "4755")]
    [InlineData("  - file: a\n    content: x\n    mode: 0777\n", "line 5", "0777")]
    [InlineData("  - file: a\n    content: x\n    mode: 0444\n", "line 5", "0444")]
    [InlineData("  - file: a\n    content: x\n    mode: 99999999999999999999\n", "line 5", "9999")]
    [InlineData("  - file: a\n    contents: x\n", "line 4, column 5", "contents")]
    [InlineData("  - file: a\n", "line 3", "none")]
    [InlineData("  - dir: a\n", "line 3", "dir")]
    [InlineData("  - directory: a\n    file: b\n", "line 3", "2 of them")]
    [InlineData("  - port: web\n    number: 9999\n", "line 3", "not registered")]
    [InlineData("  - port: web\n    number: 0x50\n", "line 4", "0x50")]
    [InlineData("  - port: Web\n    number: 8080\n", "line 3", "small letters")]
    [InlineData("  - port: a\n    number: 8080\n  - port: b\n    number: 8080\n", "line 5", "has a name already")]
    [InlineData("  - &x directory: a\n", "line 3", "anchor")]
    [InlineData("  - directory: *x\n", "line 3", "alias")]
    [InlineData("  - directory: !!binary YQ==\n", "line 3", "tag")]
    [InlineData("  - directory: a\n    directory: b\n", "line 4", "again")]
    [InlineData("  - [[[[[[[[[[[[]]]]]]]]]]]]\n", "line 3", "more")]
    [InlineData("  - directory: [\n", "line", "staging.yaml")]
    [InlineData("---\n---\n", "line", "staging.yaml")]
    [InlineData("  - just text\n", "line 3", "something else")]
    public async Task A_malformed_declaration_is_refused_with_its_place(string resources, string place, string found)
    {
        using var worlds = new Worlds();
        var reason = await Worlds.RefusedAsync(() => worlds.PlanAsync(resources));
        Assert.Equal("infrastructure.declaration", reason.Code);
        Assert.Contains(place, reason.Found, StringComparison.Ordinal);
        Assert.Contains(found, reason.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("\0\0\0", "staging.yaml")]
    [InlineData("version: 2\nresources: []\n", "another version")]
    [InlineData("version: 1\nresource: []\n", "unknown key 'resource'")]
    [InlineData("[]", "something else")]
    [InlineData("version: 1\nresources: yes\n", "something else")]
    public async Task A_file_that_is_no_declaration_is_refused(string text, string found)
    {
        using var worlds = new Worlds();
        var files = ImmutableDictionary<string, byte[]>.Empty.Add("staging.yaml", Encoding.UTF8.GetBytes(text));
        var reason = await Worlds.RefusedAsync(() =>
            worlds.Engine().PlanAsync(Worlds.Staging, files, TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.declaration", reason.Code);
        Assert.Contains(found, reason.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_key_names_the_nearest_known_one()
    {
        using var worlds = new Worlds();
        Assert.Equal("'content'", (await Worlds.RefusedAsync(() => worlds.PlanAsync("  - file: a\n    contnet: x\n"))).Expected);
        var files = Worlds.Yaml("", "stagging.yaml");
        var reason = await Worlds.RefusedAsync(() =>
            worlds.Engine().PlanAsync(Worlds.Staging, files, TestContext.Current.CancellationToken));
        Assert.Equal("'staging.yaml'", reason.Expected);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_refused()
    {
        using var worlds = new Worlds();
        var files = ImmutableDictionary<string, byte[]>.Empty.Add("staging.yaml", [0xff, 0xfe, 0x80]);
        var reason = await Worlds.RefusedAsync(() =>
            worlds.Engine().PlanAsync(Worlds.Staging, files, TestContext.Current.CancellationToken));
        Assert.Equal("infrastructure.declaration", reason.Code);
    }

    [Fact]
    public async Task Too_many_resources_are_refused_and_fewer_are_not()
    {
        using var worlds = new Worlds();
        static string Directories(int count) => string.Concat(Enumerable.Range(0, count).Select(index => $"  - directory: d{index}\n"));
        Assert.Contains("201 resources", (await Worlds.RefusedAsync(() => worlds.PlanAsync(Directories(201)))).Found,
            StringComparison.Ordinal);
        Assert.Equal(200, (await worlds.PlanAsync(Directories(200))).Changes.Length);
        Assert.Equal(201, Declaration.Read("staging", Worlds.Yaml(Directories(201)), [], new DeclarationLimits(Resources: 300)).Length);
    }

    [Fact]
    public async Task Too_much_content_is_refused_and_with_another_limit_it_is_not()
    {
        using var worlds = new Worlds();
        var resources = $"  - file: a\n    content: {new string('x', 256 * 1024 + 1)}\n";
        Assert.Contains("more", (await Worlds.RefusedAsync(() => worlds.PlanAsync(resources))).Found, StringComparison.Ordinal);
        Assert.Single(Declaration.Read("staging", Worlds.Yaml(resources), [], new DeclarationLimits(ContentBytes: 1 << 20)));
    }

    [Fact]
    public void A_port_that_is_registered_is_let_through() =>
        Assert.Single(Declaration.Read("staging", Worlds.Yaml("  - port: web\n    number: 9999\n"), [9999], new DeclarationLimits()));
}
