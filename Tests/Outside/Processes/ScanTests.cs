using System.Text;
using Maestro.Deployments;
using Maestro.Evidence;

namespace Maestro.Outside.Processes;

public sealed class ScanTests
{
    [Fact]
    public async Task A_clean_image_is_read_whole_and_has_no_finding()
    {
        await using var place = new Workplace();
        place.Git.Files["b"] = "-----BEGIN PRIVATE KEY----- is a header";
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a; mkdir $MAESTRO_OUTPUT/sub; cp b $MAESTRO_OUTPUT/sub");
        var cleared = await ScanAsync(place, image.Image);
        Assert.Equal(2, cleared.FilesRead);
        Assert.Empty(cleared.Findings);
    }

    [Theory]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0123456789", "secret.private-key")]
    [InlineData("key = AKIAIOSFODNN7EXAMPLE", "secret.aws-key")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ012345", "secret.github-token")]
    [InlineData("glpat-0123456789abcdefghij", "secret.gitlab-token")]
    public async Task A_secret_in_any_file_is_critical_in_every_encoding(string secret, string rule)
    {
        await using var place = new Workplace();
        place.Git.Files["plain"] = $"one\ntwo {secret}\n";
        place.Git.Files["wide"] = new string('x', 300_000) + string.Concat(secret.Select(c => $"{c}\0"));
        var image = await place.BuiltAsync("cp plain wide $MAESTRO_OUTPUT");
        var findings = (await ScanAsync(place, image.Image)).Findings;
        Assert.Equal([("plain", 2), ("wide", 1)], findings.Select(finding => (finding.Path, finding.Line)).Order());
        Assert.All(findings, finding => Assert.Equal((rule, Severity.Critical), (finding.Rule, finding.Severity)));
        Assert.DoesNotContain(findings, finding => finding.Message.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_across_two_chunks_is_found_once()
    {
        var scan = new ImageScan();
        var bytes = Encoding.UTF8.GetBytes("a\nb\n" + "ghp_0123456789abcdefghijABCDEFGHIJ012345" + "\nend");
        for (var index = 0; index < bytes.Length; index++)
        {
            scan.Take("file", bytes.AsMemory(index, 1));
        }
        Assert.Equal(3, Assert.Single(scan.Findings).Line);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_program_that_takes_rights_and_a_link_weigh_high()
    {
        await using var place = new Workplace();
        var image = await place.BuiltAsync("cd $MAESTRO_OUTPUT; cp /bin/true up; chmod 4755 up; echo hi > a; ln -s a link");
        var findings = (await ScanAsync(place, image.Image)).Findings;
        Assert.Equal(["image.link", "image.set-user-id"], findings.Select(finding => finding.Rule).Order());
        Assert.All(findings, finding => Assert.Equal(Severity.High, finding.Severity));
    }

    [Fact]
    public async Task A_stored_file_that_everybody_may_change_weighs_high()
    {
        await using var place = new Workplace();
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a; chmod 666 $MAESTRO_OUTPUT/a");
        var stored = Path.Combine(place.Folder, "work", "images", image.Image.Hex, "a");
        Assert.Empty((await ScanAsync(place, image.Image)).Findings);
        NativeMethods.SetMode(stored, 0x1b6);
        Assert.Equal("image.world-writable", Assert.Single((await ScanAsync(place, image.Image)).Findings).Rule);
    }

    [Fact]
    public async Task A_changed_image_is_refused()
    {
        await using var place = new Workplace();
        var image = await place.BuiltAsync("echo hi > $MAESTRO_OUTPUT/a");
        var stored = Path.Combine(place.Folder, "work", "images", image.Image.Hex, "a");
        NativeMethods.SetMode(stored, 0x1a4);
        await File.AppendAllTextAsync(stored, "!", Workplace.Cancellation);
        var reason = (await Assert.ThrowsAsync<RefusedException>(() => ScanAsync(place, image.Image))).Reason;
        Assert.Equal(("scan.digest", image.Image.Hex), (reason.Code, reason.Expected));
        var started = await Assert.ThrowsAsync<RefusedException>(() => place.StartedAsync(place.Runtime(), "i", image, "./a"));
        Assert.Equal("instance.digest", started.Reason.Code);
    }

    [Fact]
    public async Task An_empty_image_and_a_missing_one_are_refused()
    {
        await using var place = new Workplace();
        var empty = Directory.CreateDirectory(Path.Combine(place.Folder, "work", "empty")).FullName;
        var listing = await ImageListing.ReadAsync("scan", empty, ImageLimits.Default, null, Workplace.Cancellation);
        Directory.CreateDirectory(Path.Combine(place.Folder, "work", "images", listing.Digest.Hex));
        Assert.Equal("scan.empty", (await Assert.ThrowsAsync<RefusedException>(() => ScanAsync(place, listing.Digest))).Reason.Code);
        Assert.Equal("scan.no-image", (await Assert.ThrowsAsync<RefusedException>(() => ScanAsync(place, Digest.Of([1])))).Reason.Code);
        Assert.Equal("scan.no-image", (await Assert.ThrowsAsync<RefusedException>(() => ScanAsync(place, default))).Reason.Code);
    }

    [Theory]
    [InlineData("password=hunter22 rest", "password=[secret] rest")]
    [InlineData("Authorization: Bearer abcdef end", "Authorization: [secret] end")]
    [InlineData("git clone https://ann:pw@example.org/x", "git clone https://[secret]@example.org/x")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nok", "[secret]\nok")]
    [InlineData("abcd\nefgh==\n-----END PRIVATE KEY-----\nok", "[secret]\nok")]
    [InlineData("commit 0123456789012345678901234567890123456789", "commit 0123456789012345678901234567890123456789")]
    public void What_looks_like_a_secret_is_masked(string text, string masked) => Assert.Equal(masked, SecretShapes.Mask(text));

    private static Task<ImageCleared> ScanAsync(Workplace place, Digest image) =>
        place.Workshop().ScanAsync(image, Workplace.Cancellation);
}
