using System.Text;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Manifests;

namespace Maestro.Outside.Git;

/// <summary>A repository with a base branch, and a host over it.</summary>
public abstract class GitTests : IDisposable
{
    private readonly LocalRepositories _repositories = new(TimeProvider.System);
    private readonly List<ScratchRepository> _scratches = [];

    private protected GitTests()
    {
        Scratch = NewScratch();
        Base = Scratch.Commit("main", null, ("readme.md", "one\ntwo\nthree\n"), ("src/app.txt", "app\n"));
        Host = NewHost();
    }

    private protected ScratchRepository Scratch { get; private set; }

    private protected string Base { get; set; }

    private protected LocalGitHost Host { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _repositories.Dispose();
        _scratches.ForEach(scratch => scratch.Dispose());
    }

    private protected ScratchRepository NewScratch(bool bare = true)
    {
        var scratch = new ScratchRepository(bare);
        _scratches.Add(scratch);
        return scratch;
    }

    private protected void UseCheckout()
    {
        Scratch = NewScratch(bare: false);
        File.WriteAllText(Path.Combine(Scratch.Path, "readme.md"), "one\n");
        Scratch.Git("add", ".");
        Scratch.Git("commit", "--quiet", "-m", "Begin");
        Base = Scratch.Tip("main");
    }

    private protected LocalGitHost NewHost() => new(_repositories, new Roster(), new YamlManifestReader(), TimeProvider.System);

    private protected string Feature(params (string Path, string Text)[] files) => Scratch.Commit("feature", Base, files);

    private protected Task<ChangeOpened> OpenAsync(string opener = "alice") =>
        Host.OpenAsync(Scratch.Application, "feature", "main", opener, Cancellation);

    private protected Task<ChangeOpened> ReadAsync(int number) => Host.ReadAsync(Scratch.Application, number, Cancellation);

    /// <summary>Whether the branches of an open pull request point elsewhere than they did then.</summary>
    private protected async Task<bool> HasMovedAsync(ChangeOpened then)
    {
        var tips = await Host.ReadTipsAsync(Scratch.Application, 1, Cancellation);
        return tips.IsOpen && (tips.Head != then.Head || tips.Base != then.Base);
    }

    private protected Task<Comparison> CompareAsync(string head, ComparisonLimits? limits = null) =>
        Host.CompareAsync(Scratch.Application, Base, head, limits ?? ComparisonLimits.Default, Cancellation);

    private protected static async Task<Reason> RefusedAsync(string code, Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(act);
        Assert.Equal(code, refused.Reason.Code);
        return refused.Reason;
    }

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
