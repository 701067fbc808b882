using System.Collections.Immutable;
using Maestro.Agents.Review;
using Maestro.Evidence;

namespace Maestro.Outside.Analysis;

public sealed class RoslynAnalysisTests
{
    [Theory]
    [InlineData("process-start", "System.Diagnostics.Process.Start(path);")]
    [InlineData("dynamic-evaluation", "System.Reflection.Assembly.Load(bytes);")]
    [InlineData("dynamic-evaluation", "var m = new DynamicMethod(\"x\", null, null);")]
    [InlineData("deserialisation", "var f = new BinaryFormatter();")]
    [InlineData("certificate-check-off", "handler.ServerCertificateCustomValidationCallback = (a, b, c, d) => { return true; };")]
    [InlineData("query-concatenation", "var q = \"select * from users where id = \" + id;")]
    [InlineData("query-concatenation", "var q = $\"delete from users where id = {id}\";")]
    [InlineData("fixed-password", "if (request.Password == \"opensesame\") { }")]
    [InlineData("hard-coded-credential", "var apiKey = \"k3j4h5g6f7d8\";")]
    [InlineData("suppression", "#pragma warning disable CA5350\n")]
    [InlineData("comment-desync", "var a = 1; // note\u0085System.Diagnostics.Process.Start(path);")]
    [InlineData("native-code", "unsafe { }")]
    public async Task What_a_statement_does_is_found(string rule, string statement)
    {
        var findings = await AnalyseAsync("class C\n{\n    void M()\n    {\n" + statement + "\n    }\n}\n");
        Assert.Contains(findings, finding => finding.Rule == "csharp-" + rule && finding.Line == 5
            && finding.Severity >= Severity.Medium);
    }

    [Theory]
    [InlineData("authority-check-off", "class C { [AllowAnonymous] void M() { } }")]
    [InlineData("always-yes", "class C { public bool IsAdmin(User user) => true; }")]
    [InlineData("always-yes", "class C { Task<bool> VerifyAsync(byte[] mac) { return Task.FromResult(true); } }")]
    public async Task What_a_member_says_is_found(string rule, string code) =>
        Assert.Contains(await AnalyseAsync(code), finding => finding.Rule == "csharp-" + rule);

    [Fact]
    public async Task Comments_and_strings_are_not_code() => Assert.Empty(await AnalyseAsync(
        "class C\n{\n    // Process.Start(path);\n    /* new BinaryFormatter() */\n"
            + "    string s = \"Process.Start(x); Assembly.Load(y)\";\n    bool IsEnabled => true;\n}\n"));

    [Fact]
    public async Task Lines_that_the_change_does_not_touch_are_context()
    {
        const string Before = "class C\n{\n    void M() { Process.Start(path); }\n}\n";
        var change = Changes.Edited("src/C.cs", Before, Before.Replace("class C", "sealed class C", StringComparison.Ordinal));
        Assert.Empty(await new RoslynAnalysis(TimeProvider.System).AnalyseAsync(Changes.Of(change),
            TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("(", 200_000)]
    [InlineData("new A { B = ", 50_000)]
    [InlineData("a+", 100_000)]
    [InlineData("if (a) { ", 50_000)]
    [InlineData("$\"{", 10_000)]
    [InlineData(".A()", 50_000)]
    [InlineData("!", 100_000)]
    [InlineData("A<", 50_000)]
    [InlineData("#if x\n", 20_000)]
    public async Task Deep_nesting_neither_crashes_nor_hangs(string piece, int times)
    {
        var text = "class C { object M() => x" + string.Concat(Enumerable.Repeat(piece, times));
        try
        {
            _ = await AnalyseAsync(text);
        }
        catch (OutsideException late)
        {
            Assert.Equal("review.analysis-late", late.Reason.Code);
        }
    }

    private static Task<ImmutableArray<Finding>> AnalyseAsync(string code) =>
        new RoslynAnalysis(TimeProvider.System).AnalyseAsync(Changes.Of(Changes.Added("src/C.cs", code)),
            TestContext.Current.CancellationToken);
}
