using System.Globalization;
using Maestro.Messages;

namespace Maestro.Deployments;

/// <summary>
/// Where an answer belongs in a deployment's log. Late and doubled answers are ordinary, since a question is put again until it is answered;
/// they are dropped without a word. A signed answer to what was never asked is not: no honest agent sends one.
/// </summary>
/// <param name="Awaited">It answers a question that is open.</param>
/// <param name="Unasked">Why nobody can have been asked; null where somebody is or was.</param>
/// <param name="Superseded">It proves something of an attempt that a newer one has taken the place of; null where it does not.</param>
internal readonly record struct AnswerPlace(bool Awaited, Reason? Unasked, Reason? Superseded = null)
{
    public static AnswerPlace Of(Progress progress, AgentAnswer answer)
    {
        var binding = answer.Binding;
        if (progress.Find(binding.Attempt) is not { } attempt)
        {
            var newest = progress.Newest?.Attempt ?? 0;
            return binding.Attempt <= newest
                ? Late(answer, newest)
                : Never(MessageRefusal.AttemptCode, Text("at most attempt", newest), Text("attempt", binding.Attempt));
        }
        if (attempt.IsClosed)
        {
            return Late(answer, progress.Newest!.Attempt);
        }
        if (!attempt.Rows.TryGetValue(binding.Stage, out var row))
        {
            return Never(MessageRefusal.StageCode, "a stage that has started", binding.Stage.ToString());
        }
        if (!row.Quiet && binding.Try > row.Try)
        {
            return Never(MessageRefusal.TryCode, Text("at most try", row.Try), Text("try", binding.Try));
        }
        return answer.Kind == AnswerKind.Undone && !attempt.GoesBack
            ? Never(MessageRefusal.StageCode, "a stage that is undone", $"{binding.Stage}, which is not")
            : new(IsOpen(attempt, row, answer), null);
    }

    private static bool IsOpen(AttemptProgress attempt, RowProgress row, AgentAnswer answer) => attempt.GoesBack && row.Quiet
        ? answer.Kind is AnswerKind.Undone or AnswerKind.Waiting
            || (answer.Kind == AnswerKind.Broke && answer.Binding.Try == row.FailedUndos + 1)
        : !row.Quiet && answer.Binding.Try == row.Try && answer.Kind != AnswerKind.Undone;

    private static AnswerPlace Late(AgentAnswer answer, int newest) => answer.Kind == AnswerKind.Proved && answer.Binding.Attempt < newest
        ? new(false, null, MessageRefusal.Binding(
            MessageRefusal.AttemptCode, Text("evidence of attempt", newest), Text("attempt", answer.Binding.Attempt)).Reason)
        : default;

    private static AnswerPlace Never(string code, string expected, string found) =>
        new(false, MessageRefusal.Binding(code, expected, found).Reason);

    private static string Text(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what} {number}");
}
