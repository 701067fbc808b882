using System.Globalization;
using LibGit2Sharp;
using Maestro.Deployments;

namespace Maestro.Outside.Git;

/// <summary>The pull requests of one repository, kept in references of the repository itself.</summary>
internal sealed class PullRequests(Repository repository, TimeProvider time)
{
    private const string Records = "refs/maestro/pull/";
    private const string Public = "refs/pull/";
    private const int LargestRecord = 64 << 10;

    public static string HeadReference(int number) => string.Create(CultureInfo.InvariantCulture, $"{Public}{number}/head");

    public static string MergeReference(int number) => string.Create(CultureInfo.InvariantCulture, $"{Public}{number}/merge");

    public static string RecordReference(int number) => string.Create(CultureInfo.InvariantCulture, $"{Records}{number}");

    /// <exception cref="RefusedException">There is no such pull request.</exception>
    public PullRecord Get(int number) => Find(number) ?? throw Refusals.Refused(
        "git.no-pull", "The pull request must exist.", $"pull request {number}", "none", "Open it first.");

    /// <summary>
    /// The open pull request of these two branches, or a new one with the next number. The caller holds the repository lock.
    /// </summary>
    public PullRecord FindOrOpen(string headBranch, string baseBranch, string opener, string title)
    {
        var numbers = AllNumbers();
        return FindOpen(numbers, headBranch, baseBranch)
            ?? Open(new PullRecord(numbers.FirstOrDefault() + 1, headBranch, baseBranch, opener, title, PullState.Open));
    }

    /// <summary>The open pull request of these two branches; null where there is none.</summary>
    public PullRecord? FindOpen(string headBranch, string baseBranch) => FindOpen(AllNumbers(), headBranch, baseBranch);

    /// <summary>Records where head and merge stand. The caller holds the repository lock.</summary>
    public void Point(int number, ObjectId head, ObjectId merge)
    {
        Set(HeadReference(number), head, "push");
        Set(MergeReference(number), merge, "merge of head and base");
    }

    /// <summary>Records that it is merged. The caller holds the repository lock.</summary>
    public void MarkMerged(PullRecord record)
    {
        if (record.State != PullState.Merged)
        {
            Set(RecordReference(record.Number), Store(record with { State = PullState.Merged }), "merged");
        }
    }

    /// <summary>Records that it is closed, if it is open. The caller holds the repository lock.</summary>
    /// <returns>Whether it was open.</returns>
    /// <exception cref="RefusedException">There is no such pull request.</exception>
    public bool MarkClosed(int number)
    {
        var record = Get(number);
        if (record.State == PullState.Open)
        {
            Set(RecordReference(number), Store(record with { State = PullState.Closed }), "closed");
        }
        return record.State == PullState.Open;
    }

    private List<int> AllNumbers() => Numbers(Records).Concat(Numbers(Public)).Distinct().OrderDescending().ToList();

    private PullRecord? FindOpen(IEnumerable<int> numbers, string headBranch, string baseBranch) => numbers.Select(Find).FirstOrDefault(
        record => record is { State: PullState.Open } && record.HeadBranch == headBranch && record.BaseBranch == baseBranch);

    private PullRecord? Find(int number)
    {
        if (ReferenceFile.Read(repository, RecordReference(number)) is not { } id)
        {
            return null;
        }
        return PullRecord.FromJson(Objects.SizeOf(repository, id) <= LargestRecord ? Objects.Bytes(repository, id) : [], number);
    }

    private PullRecord Open(PullRecord record)
    {
        // The number is taken by creating its reference, so that it cannot be given twice even past the lock.
        while (!new ReferenceFile(repository, RecordReference(record.Number), time).TryMove(null, Store(record), "opened"))
        {
            record = record with { Number = record.Number + 1 };
        }
        return record;
    }

    private void Set(string name, ObjectId to, string message)
    {
        var now = ReferenceFile.Read(repository, name);
        if (now != to && !new ReferenceFile(repository, name, time).TryMove(now, to, message))
        {
            throw Refusals.Broken(
                "git.locked", "Only Maestro writes the references of pull requests.", "somebody else moved one", "Try again.");
        }
    }

    private ObjectId Store(PullRecord record)
    {
        using var json = new MemoryStream(record.ToJson());
        return repository.ObjectDatabase.CreateBlob(json).Id;
    }

    private IEnumerable<int> Numbers(string prefix) =>
        from reference in repository.Refs.FromGlob(prefix + "*")
        let part = reference.CanonicalName[prefix.Length..].Split('/')[0]
        let number = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0
        where number is > 0 and < 999_999_999
        select number;
}
