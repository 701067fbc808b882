using System.Diagnostics;

namespace Maestro.Policies;

/// <summary>Scripts that try to hang, to fill the memory, to look outside, or to answer with something else. Each one blocks.</summary>
public sealed class SandboxTests
{
    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("for (;;);")]
    [InlineData("const a = []; while (true) { a.push('x'.repeat(1000)); }")]
    [InlineData("let s = 'xxxxxxxx'; while (true) { s = s + s; }")]
    [InlineData("return 'x'.repeat(1 << 29);")]
    [InlineData("return 'x'.padEnd(1 << 29);")]
    [InlineData("return 'a'.repeat(1000).replaceAll('a', 'b'.repeat(500000));")]
    [InlineData("return 'a'.repeat(1000).replace(/a/g, 'b'.repeat(500000));")]
    [InlineData("return new Array(9999).fill('x'.repeat(500000)).join('');")]
    [InlineData("return String(new Array(9999).fill('x'.repeat(500000)));")]
    [InlineData("return new Array(100000000).fill(1);")]
    [InlineData("const a = []; a.length = 4294967295; return a.sort();")]
    [InlineData("return new Uint8Array(2000000000);")]
    [InlineData("return new ArrayBuffer(1000000000);")]
    [InlineData("let o = {}; const top = o; for (let i = 0; i < 50000; i++) { o.a = {}; o = o.a; } return JSON.stringify(top);")]
    [InlineData("let o = []; for (let i = 0; i < 50000; i++) { o = [o]; } return String(o);")]
    [InlineData("let o = []; for (let i = 0; i < 50000; i++) { o = [o]; } return o.flat(Infinity);")]
    [InlineData("let f = () => 1; for (let i = 0; i < 40000; i++) { f = f.bind(null); } return f();")]
    [InlineData("function deeper() { return deeper(); } return deeper();")]
    [InlineData("let n = 3n; while (true) { n = n * n; }")]
    [InlineData("return /^(a+)+$/.test('a'.repeat(40) + '!');")]
    [InlineData("return new RegExp('(x+x+)+y').test('x'.repeat(60));")]
    [InlineData("return Date.now();")]
    [InlineData("return new Date();")]
    [InlineData("return Math.random();")]
    [InlineData("return Temporal.Now.instant();")]
    [InlineData("return globalThis.Date.now();")]
    [InlineData("return require('fs');")]
    [InlineData("return importNamespace('System');")]
    [InlineData("return System.IO.File.ReadAllText('/etc/passwd');")]
    [InlineData("return facts.GetType();")]
    [InlineData("return eval('[]');")]
    [InlineData("return new Function('return []')();")]
    [InlineData("return (() => 1).constructor('return []')();")]
    [InlineData("return (async () => 1).constructor('return []')();")]
    [InlineData("return (function* () { }).constructor('return []')();")]
    [InlineData("return import('fs');")]
    [InlineData("return new Proxy([], { get() { while (true) { } } });")]
    [InlineData("throw { toString() { throw 1; } };")]
    [InlineData("throw { get message() { while (true) { } } };")]
    [InlineData("throw new Error('x');")]
    [InlineData("return;")]
    [InlineData("return null;")]
    [InlineData("return 'fine';")]
    [InlineData("return {};")]
    [InlineData("return { length: 0 };")]
    [InlineData("return Promise.resolve([]);")]
    [InlineData("return [null];")]
    [InlineData("return ['fine'];")]
    [InlineData("return [{}];")]
    [InlineData("return [{ message: 'm' }];")]
    [InlineData("return [{ message: 1, blocks: false }];")]
    [InlineData("return [{ message: 'm', blocks: 0 }];")]
    [InlineData("return [{ message: '', blocks: false }];")]
    [InlineData("return [{ message: { toString() { throw 1; } }, blocks: false }];")]
    [InlineData("return [{ get message() { while (true) { } }, blocks: false }];")]
    [InlineData("return [Object.create({ message: 'm', blocks: false })];")]
    [InlineData("Object.prototype.message = 'm'; Object.prototype.blocks = false; return [{}];")]
    [InlineData("return new Array(5);")]
    [InlineData("return new Array(301).fill({ message: 'm', blocks: false });")]
    [InlineData("return [{ message: 'm'.repeat(3000), blocks: false }];")]
    public async Task It_blocks_within_two_seconds(string body)
    {
        PolicySandbox.WarmUp();
        var began = Stopwatch.GetTimestamp();
        var verdict = await Scripts.JudgeAsync(body);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2), $"{Stopwatch.GetElapsedTime(began)}");
        var violation = Assert.Single(verdict.Violations);
        Assert.True(violation.Blocks);
        Assert.StartsWith("policy probe did not answer: ", violation.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("engine failed", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("const judge = 1;")]
    [InlineData("function judge(")]
    [InlineData("function other() { return []; }")]
    [InlineData("import fs from 'fs'; function judge() { return []; }")]
    [InlineData("while (true) { }")]
    public async Task A_text_that_has_no_function_judge_blocks(string text)
    {
        var violation = Assert.Single((await Scripts.JudgeTextAsync(text)).Violations);
        Assert.True(violation.Blocks);
        Assert.DoesNotContain("engine failed", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_nests_without_end_blocks()
    {
        foreach (var (open, close) in new[] { ("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("1+", "") })
        {
            var body = "return " + string.Concat(Enumerable.Repeat(open, 30_000)) + "1" + string.Concat(Enumerable.Repeat(close, 30_000))
                + ";";
            Assert.True(Assert.Single((await Scripts.JudgeAsync(body)).Violations).Blocks);
        }
    }

    [Theory]
    [InlineData("{\"__proto__\": {\"blocks\": true, \"polluted\": 1}}",
        "return [{ message: String(({}).polluted) + String(facts.polluted), blocks: false }];", "undefinedundefined")]
    [InlineData("{\"constructor\": 1, \"toString\": 2}", "return [{ message: String(facts.constructor), blocks: false }];", "1")]
    public async Task Facts_cannot_change_what_objects_are(string facts, string body, string expected) =>
        Assert.Equal(expected, Assert.Single((await Scripts.JudgeAsync(body, facts: facts)).Violations).Message);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":\"\\ud800\"")]
    public async Task Facts_that_are_no_object_block(string facts) =>
        Assert.True(Assert.Single((await Scripts.JudgeAsync("return [];", facts: facts)).Violations).Blocks);

    [Fact]
    public async Task A_policy_that_finds_nothing_is_silent_and_what_it_finds_is_made_fit_to_be_shown()
    {
        Assert.Empty((await Scripts.JudgeAsync("return [];")).Violations);
        var found = (await Scripts.JudgeAsync("return [{ message: 'a\\u202eb\\nc', blocks: false }];")).Violations;
        Assert.Equal(new Outside.PolicyViolation("probe", "a\ufffdb\ufffdc", false), Assert.Single(found));
    }

    [Fact]
    public async Task One_run_leaves_nothing_for_the_next()
    {
        const string body = "globalThis.seen = (globalThis.seen || 0) + 1; return [{ message: String(globalThis.seen), blocks: false }];";
        using var engine = new JintPolicyEngine(new Scripts(("a", "function judge() { " + body + " }"),
            ("b", "function judge() { " + body + " }")), PolicyLimits.Default, TimeProvider.System);
        for (var run = 0; run < 2; run++)
        {
            var verdict = await engine.JudgeAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal(["1", "1"], verdict.Violations.Select(violation => violation.Message));
        }
    }

    [Theory]
    [InlineData("let i = 0; while (i < 300000) { i++; } return [];")]
    [InlineData("const a = []; for (let i = 0; i < 60; i++) { a.push('x'.repeat(400000)); a[i] += 'y'; a[i].indexOf('z'); } return [];")]
    [InlineData("const f = n => n === 0 ? [] : f(n - 1); return f(100);")]
    [InlineData("Date.now(); return [];")]
    [InlineData("Math.random(); return [];")]
    [InlineData("return eval('[]');")]
    [InlineData("return new Function('return []')();")]
    [InlineData("return new Array(20000).fill(1).slice(0, 0);")]
    public async Task With_the_limits_lifted_the_same_script_passes(string body)
    {
        Assert.True(Assert.Single((await Scripts.JudgeAsync(body)).Violations).Blocks);
        var lifted = new PolicyLimits(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), 1L << 30, 100_000_000, 1000, 1_000_000,
            Bare: false);
        Assert.Empty((await Scripts.JudgeAsync(body, lifted)).Violations);
    }
}
