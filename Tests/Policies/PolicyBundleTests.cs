namespace Maestro.Policies;

public sealed class PolicyBundleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maestro-policies-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Three_policies_are_shipped() =>
        Assert.Equal(["destruction", "endpoints", "limits"], new PolicyFolder(null).Read().Select(policy => policy.Name));

    [Fact]
    public void An_operators_policy_is_added_and_changes_the_digest()
    {
        var before = Policy.DigestOf(new PolicyFolder(_folder).Read());
        File.WriteAllText(Path.Combine(_folder, "own.js"), "function judge() { return []; }");
        File.WriteAllText(Path.Combine(_folder, "README.md"), "not a policy");
        Assert.Equal(["destruction", "endpoints", "limits", "own"], new PolicyFolder(_folder).Read().Select(policy => policy.Name));
        Assert.NotEqual(before, Policy.DigestOf(new PolicyFolder(_folder).Read()));
    }

    [Theory]
    [InlineData("limits.js")]
    [InlineData("LIMITS.js")]
    public async Task A_policy_with_the_name_of_a_shipped_one_blocks(string name)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, name), "function judge() { return []; }",
            TestContext.Current.CancellationToken);
        await AssertBlocksAsync("comes with Maestro");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_blocks()
    {
        Directory.Delete(_folder);
        await AssertBlocksAsync("cannot be read");
        Directory.CreateDirectory(_folder);
    }

    [Fact]
    public async Task A_policy_that_is_not_text_or_too_long_blocks()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "own.js"), [0xff, 0xfe], TestContext.Current.CancellationToken);
        await AssertBlocksAsync("not text");
        await File.WriteAllTextAsync(Path.Combine(_folder, "own.js"), new string(' ', 70_000), TestContext.Current.CancellationToken);
        await AssertBlocksAsync("more than");
    }

    [Fact]
    public async Task No_policy_at_all_blocks()
    {
        using var engine = new JintPolicyEngine(new Scripts(), PolicyLimits.Default, TimeProvider.System);
        Assert.True(Assert.Single((await engine.JudgeAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken)).Violations).Blocks);
    }

    [Fact]
    public void The_digest_is_of_names_and_texts_in_any_order()
    {
        Assert.Equal(Scripts.Bundle(("a", "1"), ("b", "2")), Scripts.Bundle(("b", "2"), ("a", "1")));
        Assert.NotEqual(Scripts.Bundle(("a", "1"), ("b", "2")), Scripts.Bundle(("a", "2"), ("b", "1")));
        Assert.NotEqual(Scripts.Bundle(("a", "12")), Scripts.Bundle(("a1", "2")));
        Assert.NotEqual(Scripts.Bundle(("a", "1\n1:b=1:2")), Scripts.Bundle(("a", "1"), ("b", "2")));
    }

    private async Task AssertBlocksAsync(string message)
    {
        using var engine = new JintPolicyEngine(new PolicyFolder(_folder), PolicyLimits.Default, TimeProvider.System);
        var facts = "{\"environment\":\"staging\",\"allowedPorts\":[],\"plan\":{\"bytes\":1,\"changes\":[]}}"u8.ToArray();
        var violation = Assert.Single((await engine.JudgeAsync(facts, TestContext.Current.CancellationToken)).Violations);
        Assert.True(violation.Blocks);
        Assert.Contains(message, violation.Message, StringComparison.Ordinal);
    }
}
