using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Environments;
using Maestro.Identity;
using Maestro.Messages;
using Maestro.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Maestro.Rows;

/// <summary>A real silo that starts again on a database in which somebody edited a question and a lock, and put another question back.</summary>
public sealed class EditedRowsTests : IAsyncLifetime
{
    private const string Production = "env/shop/production";
    private readonly MessageSilo _silo;
    private bool _believes;

    public EditedRowsTests() => _silo = new()
    {
        More = services => services.AddSingleton<RowRule>(fault => _believes ? null : fault),
    };

    [Fact]
    public async Task Questions_and_locks_count_as_they_were_written_only()
    {
        var (edited, rejected) = (await AskAsync(), await AskAsync());
        Execute($"CREATE TABLE kept AS SELECT * FROM OrleansStorage WHERE GrainIdExtensionString = '{KeyOf(rejected)}'");
        await DecideAsync(rejected, approved: false);
        using (CallerScope.As(Role.Deployment))
        {
            Assert.True((await _silo.Grains.GetGrain<IEnvironmentGrain>(Production).AcquireAsync("a")).Granted);
        }

        Edit<QuestionState>(KeyOf(edited), state => state.File = state.File! with { Request = state.File.Request with { Given = ["mallory"], Needed = 1 } });
        Edit<EnvironmentState>(Production, state => (state.Holder, state.Token) = ("mallory", 99));
        Execute($"UPDATE OrleansStorage SET PayloadBinary = (SELECT PayloadBinary FROM kept) WHERE GrainIdExtensionString = '{KeyOf(rejected)}'");
        await _silo.RestartAsync();

        await RefusedAsync(KeyOf(edited), "row.signature", () => ReadAsync(edited));
        // The desk shows it to nobody, and takes no decision for it.
        Assert.Equal("approval.unknown", (await Refused.ByAsync(() => DecideAsync(edited, approved: true)))?.Reason.Code);
        await RefusedAsync(KeyOf(rejected), "row.old", () => ReadAsync(rejected));
        await RefusedAsync(Production, "row.signature", () => _silo.Owner.Grain<IEnvironmentGrain>(Production).GetAsync());

        // The control taken away: an approval that nobody gave, a rejection that never was, and a lock that somebody else has.
        _believes = true;
        Assert.Equal(["mallory"], (await ReadAsync(edited))!.Request.Given);
        Assert.Null((await ReadAsync(rejected))!.RejectedBy);
        var view = await _silo.Owner.Grain<IEnvironmentGrain>(Production).GetAsync();
        Assert.Equal(("mallory", 99), (view.LockHolder, view.Token));
    }

    public async ValueTask InitializeAsync()
    {
        await _silo.InitializeAsync();
        await _silo.EnrolAsync("rita", [Role.Viewer, Role.Reviewer, Role.Sre]);
    }

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private static string KeyOf(ApprovalRequest request) => new QuestionKey(request.Deployment, request.Attempt, request.Stage).ToString();

    // What is there as it was signed, and behind the same signature another state.
    private void Edit<TState>(string key, Action<TState> change)
    {
        var serializer = _silo.Services.GetRequiredService<Serializer>();
        using var connection = new SqliteConnection($"Data Source={_silo.File};Pooling=False");
        connection.Open();
        var stored = connection.Select(
            "SELECT PayloadBinary FROM OrleansStorage WHERE GrainIdExtensionString = $key", row => row.Bytes(0), ("$key", key))[0];
        var content = Array.IndexOf(stored, (byte)'\n') + 1;
        var state = serializer.Deserialize<TState>(stored[content..])!;
        change(state);
        byte[] edited = [.. stored[..content], .. serializer.SerializeToArray(state)];
        connection.Execute($"UPDATE OrleansStorage SET PayloadBinary = X'{Convert.ToHexString(edited)}' WHERE GrainIdExtensionString = '{key}'");
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_silo.File};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }

    private async Task RefusedAsync(string key, string code, Func<Task> call)
    {
        var refused = await Refused.ByAsync(call);
        Assert.Equal(code, refused?.Reason.Code);
        Assert.NotEqual(0, _silo.Log.Count($"{key} in the database is not what was written, and does not count"));
        Assert.Contains(await _silo.SubjectAsync(key), fact => fact.Kind == "row.refused" && fact.Body.Contains($"\"{code}\"", StringComparison.Ordinal));
    }

    private async Task<QuestionFile?> ReadAsync(ApprovalRequest request)
    {
        using var scope = CallerScope.As(Role.Desk);
        return await _silo.Grains.GetGrain<IQuestionGrain>(KeyOf(request)).ReadAsync();
    }

    /// <summary>A deployment of its own that waits for a person.</summary>
    private async Task<ApprovalRequest> AskAsync()
    {
        var (head, into) = _silo.Push();
        var id = await _silo.Owner.Grain<IGatewayGrain>("gateway/local").OpenAsync("shop", head, into);
        await using var rita = await _silo.ConnectAsync("rita");
        ApprovalRequest? request = null;
        await Eventually.IsTrueAsync(async () =>
        {
            request = (await rita.Grain<IApprovalDeskGrain>($"desk/{_silo.Repository.Application.Team}").ListAsync())
                .FirstOrDefault(one => one.Deployment == id);
            return request is not null;
        });
        return request!;
    }

    private async Task DecideAsync(ApprovalRequest request, bool approved)
    {
        await using var rita = await _silo.ConnectAsync("rita");
        using var key = _silo.KeyOf("rita");
        await rita.Grain<IGatewayGrain>("gateway/local").DecideAsync(
            _silo.Repository.Application.Team, PersonSigner.Sign(key, Delivery.TestDelivery.Answer(request, approved, "rita")));
    }
}
