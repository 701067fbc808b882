using System.Text;
using Maestro.Deployments;

namespace Maestro.Delivery;

/// <summary>Repositories that nobody should make, and somebody will.</summary>
[Collection(nameof(BadInputSilo))]
public sealed class BadInputRepositoryTests(BadInputSilo silo)
{
    private static readonly byte[] NoUtf8 = [0xff, 0xfe, 0xc3, 0x28, (byte)'\n'];

    [Fact]
    public async Task A_base_branch_that_is_missing_is_refused()
    {
        silo.Repository.Commit("lonely", "main", ("new.txt", "new"));
        var reason = await silo.RefusedToOpenAsync("git.no-base", "lonely", "nowhere");
        Assert.Contains("nowhere", reason.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_is_missing_or_brings_nothing_is_refused()
    {
        await silo.RefusedToOpenAsync("git.no-head", "nowhere");
        await silo.RefusedToOpenAsync("git.same", "main");
        await silo.RefusedToOpenAsync("git.no-head", "a\nb\u001b[2J");
    }

    [Fact]
    public Task An_application_that_nobody_registered_is_refused() =>
        silo.RefusedToOpenAsync("application.unknown", "main", application: "stranger");

    [Fact]
    public async Task A_branch_that_vanishes_at_once_is_refused_by_the_review_or_by_the_last_check()
    {
        silo.Repository.Commit("brief", "main", ("new.txt", "new"));
        var id = await silo.OpenAsync("brief");
        silo.Repository.Delete("brief");
        var view = await silo.Delivery.DeliverAsync(id);
        var stage = view.Stages.First(row => row.Reason is not null).Stage;
        Assert.True(stage is Stage.Review or Stage.ProvisionProduction, TestDelivery.Describe(view));
        await silo.RefusedAsync(id, stage, "change.head-vanished");
    }

    [Fact]
    public async Task A_branch_that_vanishes_later_never_reaches_production()
    {
        silo.Repository.Commit("fleeting", "main", ("settings.txt", "version=666\n"));
        var id = await silo.OpenAsync("fleeting");
        await silo.Delivery.UntilAsync(id, view => view.Stages.Any(row => row is { Stage: Stage.Review, Status: "proved" }));
        silo.Repository.Delete("fleeting");
        var reason = await silo.RefusedAsync(id, Stage.ProvisionProduction, "change.head-vanished");
        Assert.Contains("Push", reason.WayOut, StringComparison.Ordinal);
        await silo.OrdinaryAsync();
    }

    [Fact]
    public async Task A_diff_of_50_megabytes_is_put_to_people()
    {
        var line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of an enormous change\n", 37_000)));
        var files = Enumerable.Range(0, 50).Select(number => silo.Repository.File($"part{number}.txt", [.. line, (byte)number])).ToArray();
        silo.Repository.Commit("huge", "main", "Huge"u8.ToArray(), files);
        await silo.RejectedByPersonAsync(await silo.OpenAsync("huge"), "beyond");
    }

    [Fact]
    public async Task A_single_file_of_50_megabytes_is_put_to_people()
    {
        silo.Repository.Commit("giant", "main", "Giant"u8.ToArray(), silo.Repository.File("giant.txt", new byte[50 << 20]));
        await silo.RejectedByPersonAsync(await silo.OpenAsync("giant"), "too large");
    }

    [Theory]
    [InlineData("binary", "picture.dat", "binary")]
    [InlineData("garbled", "garbled.txt", "not valid UTF-8")]
    public async Task Bytes_that_are_no_text_are_put_to_people(string branch, string name, string told)
    {
        byte[] content = branch == "binary" ? [0, 1, 2, 3, 0, 255] : [.. "text "u8, .. NoUtf8];
        silo.Repository.Commit(branch, "main", Encoding.UTF8.GetBytes(branch), silo.Repository.File(name, content));
        await silo.RejectedByPersonAsync(await silo.OpenAsync(branch), told);
    }

    [Theory]
    [InlineData("newline", "two\nlines.txt")]
    [InlineData("escape", "clear\u001b[2J.txt")]
    [InlineData("no-utf8", null)]
    public async Task A_path_that_a_terminal_obeys_is_refused_and_shown_harmlessly(string branch, string? name)
    {
        var bytes = name is null ? [.. "bad-"u8, 0xff, 0xfe] : Encoding.UTF8.GetBytes(name);
        silo.Repository.Commit(branch, "main", Encoding.UTF8.GetBytes(branch), silo.Repository.File(bytes, "x\n"u8.ToArray()));
        await silo.RefusedAsync(await silo.OpenAsync(branch), Stage.Review, "review.rejected");
    }

    [Fact]
    public async Task A_path_that_leaves_the_folder_is_refused_and_nothing_is_written_there()
    {
        var evil = silo.Repository.File("evil.txt", "x\n"u8.ToArray());
        silo.Repository.Commit("outside", "main", "Outside"u8.ToArray(), silo.Repository.FolderOf("..", evil));
        await silo.RefusedToOpenAsync("git.unsafe-path", "outside");
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(silo.Delivery.Data)!, "evil.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_message_that_is_no_text_is_shown_harmlessly()
    {
        silo.Repository.Commit("mumbling", "main", [.. "Change "u8, .. NoUtf8], silo.Repository.File("new.txt", NoUtf8));
        await silo.RejectedByPersonAsync(await silo.OpenAsync("mumbling"), "not valid UTF-8");
    }

    [Fact]
    public async Task A_message_that_rewrites_what_a_terminal_shows_is_refused_and_shown_harmlessly()
    {
        silo.Repository.Commit("shouting", "main", "\u001b[2J\u202eerase"u8.ToArray(), silo.Repository.File("new.txt", "x\n"u8.ToArray()));
        var id = await silo.OpenAsync("shouting");
        await silo.RefusedAsync(id, Stage.Review, "review.rejected");
        BadInputSilo.IsForPeople(await silo.ConsoleAsync("reviewer", "get", id, "-o", "json"));
        BadInputSilo.IsForPeople(await silo.ConsoleAsync("reviewer", "why", id));
    }
}
