using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>Manifests that say what they may not, and changes that would like another one.</summary>
[Collection(nameof(BadInputSilo))]
public sealed class BadInputManifestTests(BadInputSilo silo)
{
    [Fact]
    public async Task An_unknown_key_is_refused_with_its_place_and_the_nearest_key()
    {
        silo.Base("misspelt", manifest => manifest.Replace("window:", "windwo:", StringComparison.Ordinal));
        var reason = await RefusedAsync("misspelt", "manifest.unknown-key");
        Assert.Contains("line", reason.ToString(), StringComparison.Ordinal);
        Assert.Contains("window", reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_claims_another_application_is_refused()
    {
        silo.Base("claiming", manifest => manifest.Replace("application: served", "application: other", StringComparison.Ordinal));
        Assert.Contains("other", (await RefusedAsync("claiming", "manifest.application")).Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_without_a_manifest_is_refused_although_the_change_brings_one()
    {
        silo.Base("bare", _ => null);
        silo.Repository.Commit("bringing", "bare", ("maestro.yaml", silo.Delivery.Repository.Manifest));
        await silo.RefusedAsync(await silo.OpenAsync("bringing", "bare"), Stage.Review, "manifest.missing");
    }

    [Fact]
    public async Task A_change_of_the_manifest_is_marked_and_does_not_change_how_it_is_judged()
    {
        var easier = silo.Delivery.Repository.Manifest.Replace("[sh, test.sh]", "[\"true\"]", StringComparison.Ordinal);
        silo.Repository.Commit("easier", "main", ("maestro.yaml", easier), ("test.sh", "echo the tests of the base ran\nexit 1\n"));
        var id = await silo.OpenAsync("easier");
        var reason = await silo.RefusedAsync(id, Stage.Test, "test.failed");
        Assert.Contains("the tests of the base ran", reason.Found, StringComparison.Ordinal);
        Assert.Contains("maestro.yaml", (await silo.Delivery.GetAsync(id)).SensitivePaths);
    }

    private async Task<Reason> RefusedAsync(string onto, string code)
    {
        silo.Repository.Commit($"onto-{onto}", onto, ("new.txt", "new\n"));
        return await silo.RefusedAsync(await silo.OpenAsync($"onto-{onto}", onto), Stage.Review, code);
    }
}
