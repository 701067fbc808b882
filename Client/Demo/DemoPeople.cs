using Maestro.Connection;
using Maestro.Hosting;
using Maestro.Identity;

namespace Maestro.Demo;

/// <summary>The two people of the demo: one writes changes, the other reviews them. Their keys are in the demo's own folder.</summary>
internal sealed class DemoPeople : IDisposable
{
    public const string AuthorEmail = "demo-author@maestro.example";
    private const string ReviewerEmail = "demo-reviewer@maestro.example";
    private const string Team = "shop";

    private DemoPeople(PersonKey author, PersonKey reviewer) => (Author, Reviewer) = (author, reviewer);

    public PersonKey Author { get; }

    public PersonKey Reviewer { get; }

    public static async Task<DemoPeople> EnrolAsync(string data, CancellationToken cancellation)
    {
        var folder = PersonKeys.Folder(data);
        var enrolment = new Enrolment(Path.Combine(data, "keys"), EmbeddedIdentity.RosterPath(data));
        await enrolment.EnrolAsync("demo-reviewer", [ReviewerEmail], [Role.Viewer, Role.Reviewer, Role.Sre, Role.Admin], [Team], folder,
            cancellation);
        await enrolment.EnrolAsync("demo-author", [AuthorEmail], [Role.Viewer, Role.Author], [Team], folder, cancellation);
        PersonKeys.Choose(data, "demo-reviewer");
        return new(PersonKey.Load(Path.Combine(folder, "demo-author.key")), PersonKey.Load(Path.Combine(folder, "demo-reviewer.key")));
    }

    public static Task<ISilo> ConnectAsync(string data, PersonKey person, TimeProvider time, CancellationToken cancellation) =>
        new SiloConnector(time, (builder, _) => builder.AddIdentity(person)).ConnectAsync(data, cancellation);

    public void Dispose()
    {
        Author.Dispose();
        Reviewer.Dispose();
    }
}
