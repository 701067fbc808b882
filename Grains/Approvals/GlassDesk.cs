using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Maestro.Audit;
using Maestro.Deployments;
using Maestro.Messages;
using Maestro.Outside;
using Maestro.Telemetry;
using Microsoft.Extensions.Logging;

namespace Maestro.Approvals;

/// <summary>What a desk does where people break the glass. Whatever happens is in the ledger before it counts, in the log, and in a metric.</summary>
internal sealed partial class GlassDesk(OpenQuestions questions, GlassCheck check, IGrainFactory grains, TimeProvider time, ILogger logger)
{
    public const string Opened = "break-glass.opened";
    public const string Seconded = "break-glass.seconded";
    public const string Expired = "break-glass.expired";
    public const string Used = "break-glass.used";

    /// <summary>The ledger's key of the use of one glass.</summary>
    public static string UsedKey(DeploymentId deployment, int attempt, Stage question) =>
        FormattableString.Invariant($"{Used}/{deployment}/a{attempt}/{question}");

    /// <summary>Takes one person's word for it.</summary>
    /// <returns>The question with it; it is answered where this was the second.</returns>
    /// <exception cref="RefusedException">It does not count.</exception>
    public async Task<(QuestionKey Key, QuestionFile File)> TakeAsync(Envelope envelope)
    {
        var word = check.Open(envelope);
        var key = questions.KeyOf(word.Nonce);
        var file = await questions.FindAsync(key) ?? throw ApprovalCheck.Unknown();
        if (file.AnsweredAt is not null)
        {
            // Whoever lost the answer and signs again has what was asked for.
            return file.IsBroken && PeopleOf(file).Contains(word.Person) ? (key, file) : throw ApprovalCheck.Unknown();
        }
        file = await DropExpiredAsync(key, file);
        var first = file.Glass.IsDefaultOrEmpty ? null : check.Open(file.Glass[0]);
        if (check.FindFault(file.Request, first, word, time.GetUtcNow()) is { } fault)
        {
            throw new RefusedException(fault);
        }
        var kind = first is null ? Opened : Seconded;
        await TellAsync(kind, word.Person, file.Request, word, envelope);
        LogTaken(kind, word.Person, word.Deployment, word.Until);
        return (key, await questions.BreakAsync(
            key, word.Nonce, [.. file.Glass.IsDefault ? [] : file.Glass, envelope],
            new GlassRequest(word.Person, new UntrustedText(word.Reason).Shown(GlassCheck.LongestReason), word.Until)));
    }

    /// <summary>The two who broke the glass.</summary>
    public ImmutableArray<string> PeopleOf(QuestionFile file) => [.. file.Glass.Select(word => check.Open(word).Person)];

    /// <summary>Tells of what nobody seconded in time.</summary>
    public async Task ExpireAsync()
    {
        foreach (var request in questions.Shown.Where(request => request.Glass is { } glass && glass.Until < time.GetUtcNow()))
        {
            var key = questions.KeyOf(request.Nonce);
            if (await questions.FindAsync(key) is { AnsweredAt: null } file)
            {
                await DropExpiredAsync(key, file);
            }
        }
    }

    /// <summary>Tells of what nobody seconded while its question was open: it was answered otherwise, or is not asked any more.</summary>
    public async Task EndAsync(QuestionFile file)
    {
        if (file is { IsBroken: false, Request.Glass: { } glass } && !file.Glass.IsDefaultOrEmpty)
        {
            await TellAsync(Expired, glass.Person, file.Request, null, file.Glass[0]);
            LogTaken(Expired, glass.Person, file.Request.Deployment, glass.Until);
        }
    }

    private async Task<QuestionFile> DropExpiredAsync(QuestionKey key, QuestionFile file)
    {
        if (file.Glass.IsDefaultOrEmpty || file.Request.Glass is not { } glass || glass.Until >= time.GetUtcNow())
        {
            return file;
        }
        await EndAsync(file);
        return await questions.BreakAsync(key, file.Request.Nonce, [], null);
    }

    // The reason is a person's text: the ledger has its digest, and the text is in the signed word.
    private async Task TellAsync(string kind, string person, ApprovalRequest request, GlassBreak? word, Envelope envelope)
    {
        Instruments.GlassBroken.Add(1, new KeyValuePair<string, object?>("step", kind["break-glass.".Length..]));
        var digest = Digest.Of(Dsse.ToBytes(envelope));
        await grains.GetGrain<ILedgerGrain>("ledger/main").AppendAsync(new(
            $"{kind}/{digest.Hex}", time.GetUtcNow(), kind, person, request.Deployment, JsonSerializer.Serialize(new
            {
                stage = request.Stage.ToString(),
                attempt = request.Attempt,
                head = request.Head,
                plan = request.Plan?.Hex,
                image = request.Image?.Hex,
                given = request.Given.Length,
                needed = request.Needed,
                until = word?.Until ?? request.Glass?.Until,
                reason = word is null ? null : Digest.Of(Encoding.UTF8.GetBytes(word.Reason)).Hex,
                word = digest.Hex,
            })));
    }

    [LoggerMessage(LogLevel.Warning, "{Kind}: {Person} for {Deployment}, until {Until:u}")]
    private partial void LogTaken(string kind, string person, string deployment, DateTimeOffset until);
}
