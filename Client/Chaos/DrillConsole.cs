using System.Net.Sockets;
using Maestro.Approvals;
using Maestro.Connection;
using Maestro.Demo;
using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Outside;

namespace Maestro.Chaos;

/// <summary>The people of a drill: they do what people do when a silo dies under their hands, and ask again.</summary>
internal sealed class DrillConsole(string data, DemoPeople people, TimeProvider time) : IAsyncDisposable
{
    private const string Desk = "desk/shop";
    // A client whose gateway died waits its whole time, and nobody waits long before asking again.
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);
    private readonly Line _author = new(data, people.Author, time);
    private readonly Line _reviewer = new(data, people.Reviewer, time);
    private readonly Dictionary<string, long> _answered = new(StringComparer.Ordinal);

    public Task<T> AsAuthorAsync<T>(Func<ISilo, Task<T>> act, CancellationToken cancellation) => AskAsync(_author, act, cancellation);

    public Task<T> AsReviewerAsync<T>(Func<ISilo, Task<T>> act, CancellationToken cancellation) => AskAsync(_reviewer, act, cancellation);

    /// <summary>Approves whatever people are asked, until it is cancelled.</summary>
    public async Task ApproveAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                foreach (var request in await AsReviewerAsync(silo => silo.Grain<IApprovalDeskGrain>(Desk).ListAsync(), cancellation))
                {
                    await ApproveAsync(request, cancellation);
                }
                await Task.Delay(Rest, time, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _author.DisposeAsync();
        await _reviewer.DisposeAsync();
    }

    private async Task ApproveAsync(ApprovalRequest request, CancellationToken cancellation)
    {
        // An answer may have been lost with the silo that took it.
        if (_answered.TryGetValue(request.Nonce, out var last) && time.GetElapsedTime(last) < AnswerAgain)
        {
            return;
        }
        _answered[request.Nonce] = time.GetTimestamp();
        var now = time.GetUtcNow();
        var decision = new Decision(
            request.Deployment, request.Attempt, request.Stage, request.Head, request.Base, request.Plan, request.Image, request.Environment,
            request.Nonce, people.Reviewer.Person, true, null, now, now + Validity);
        try
        {
            await AsReviewerAsync(silo => silo.Grain<IGatewayGrain>("gateway/local").DecideAsync(
                Desk["desk/".Length..], PersonSigner.Sign(people.Reviewer, decision)), cancellation);
        }
        catch (RefusedException)
        {
            // It was answered already, or is not asked any more.
        }
    }

    private async Task<T> AskAsync<T>(Line line, Func<ISilo, Task<T>> act, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await line.AskAsync(act, cancellation).WaitAsync(OneCall, time, cancellation);
            }
            catch (Exception lost) when (lost is OrleansException or Orleans.Serialization.SerializerException or TimeoutException
                or SocketException or IOException or SentenceException
                or OutsideException or ObjectDisposedException or InvalidOperationException
                || (lost is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                await line.ForgetAsync(lost is OutsideException ? null : line.Silo);
                await Task.Delay(Rest, time, cancellation);
            }
        }
    }

    /// <summary>One person's connection, made again where it broke.</summary>
    private sealed class Line(string data, PersonKey person, TimeProvider time) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        public ISilo? Silo { get; private set; }

        public async Task<T> AskAsync<T>(Func<ISilo, Task<T>> act, CancellationToken cancellation) => await act(await ConnectAsync(cancellation));

        public async Task ForgetAsync(ISilo? broken)
        {
            await _turn.WaitAsync();
            try
            {
                if (broken is not null && Silo == broken)
                {
                    Silo = null;
                    await broken.DisposeAsync();
                }
            }
            catch (Exception gone) when (gone is OrleansException or OperationCanceledException or TimeoutException)
            {
                // It was being thrown away.
            }
            finally
            {
                _turn.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await ForgetAsync(Silo);
            _turn.Dispose();
        }

        private async Task<ISilo> ConnectAsync(CancellationToken cancellation)
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                return Silo ??= await DemoPeople.ConnectAsync(data, person, time, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
