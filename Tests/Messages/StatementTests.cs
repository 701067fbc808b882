using System.Collections.Immutable;
using System.Text;
using Maestro.Approvals;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;
using Maestro.Outside;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Messages;

public sealed class StatementTests : IDisposable
{
    private static readonly Digest Some = Digest.Of("x"u8);
    private static readonly ImmutableArray<Subject> Subjects = [Subject.Of("change", Some)];

    private readonly Folder _folder = new();
    private readonly RosterFile _people;
    private readonly FileKeyring _keyring;

    public StatementTests()
    {
        new Registrar(_folder.Keys, TimeProvider.System).Supply([Role.Control, Role.Review]);
        var root = KeyRegistry.RootOf(_folder.Keys);
        _people = new(_folder.RosterPath, root, new Clock(), NullLogger<RosterFile>.Instance);
        _keyring = FileKeyring.Open(_folder.Keys, root, [Role.Control, Role.Review], _people);
    }

    public void Dispose()
    {
        _keyring.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_statement_opens_with_the_key_of_the_role_that_signed_it()
    {
        var proof = new StagingPlanned(Some, "l", 3, [new(PlannedAction.Delete, "file.x", true, "gone")], ["v"], Some);
        var envelope = Statements.Sign(_keyring, Role.Review, PredicateTypes.Evidence, Subjects, proof);
        var opened = Statements.Open<StagingPlanned>(_keyring, Role.Review, envelope, PredicateTypes.Evidence);
        Assert.Equivalent(proof, opened.Predicate);
        Assert.Equal("role:review", opened.Signer);
        Assert.Equal(Some.Hex, opened.Statement.Subject[0].Digest["sha256"]);
        Assert.Equal(MessageRefusal.SignatureCode, Open<StagingPlanned>(Role.Control, envelope, PredicateTypes.Evidence));
        Assert.Equal(MessageRefusal.TypeCode, Open<StagingPlanned>(Role.Review, envelope, PredicateTypes.Decision));
        Assert.Equal(MessageRefusal.MalformedCode, Open<ImageBuilt>(Role.Review, envelope, PredicateTypes.Evidence));
    }

    [Theory]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":I,"more":1}""", null)]
    [InlineData("""{"_type":"X","subject":S,"predicateType":"P","predicate":I}""", "type")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"Q","predicate":I}""", "type")]
    [InlineData("""{"_type":"T","subject":[],"predicateType":"P","predicate":I}""", "malformed")]
    [InlineData("""{"_type":"T","subject":[{"digest":{}}],"predicateType":"P","predicate":I}""", "malformed")]
    [InlineData("""{"_type":"T","subject":[null],"predicateType":"P","predicate":I}""", "malformed")]
    [InlineData("""{"subject":S,"predicateType":"P","predicate":I}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P"}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":null}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"D","seconds":1}}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"D","release":null,"seconds":1}}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"x","release":"r","seconds":1}}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"D","release":"r","release":"s","seconds":1}}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"D","release":"r","seconds":1,"a":{"b":1,"b":2}}}""", "malformed")]
    [InlineData("""{"_type":"T","subject":S,"predicateType":"P","predicate":{"image":"D","release":"r","seconds":1,"a":[null]}}""", "malformed")]
    [InlineData("""{"_type":"T"} {"_type":"T"}""", "malformed")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""", "malformed")]
    [InlineData("", "malformed")]
    public void A_statement_has_exactly_its_form(string json, string? code)
    {
        var text = json.Replace(":S", """:[{"digest":{"sha256":"1"}}]""", StringComparison.Ordinal)
            .Replace(":I", """:{"image":"D","release":"r","seconds":1}""", StringComparison.Ordinal)
            .Replace("\"T\"", $"\"{StatementTypes.Statement}\"", StringComparison.Ordinal)
            .Replace("\"P\"", $"\"{PredicateTypes.Evidence}\"", StringComparison.Ordinal)
            .Replace("\"D\"", $"\"{Some}\"", StringComparison.Ordinal);
        var envelope = Dsse.Sign(StatementTypes.Payload, Encoding.UTF8.GetBytes(text), "", message => _keyring.Sign(Role.Control, message));
        Assert.Equal(code is null ? null : $"message.{code}", Open<StagingHealthy>(Role.Control, envelope, PredicateTypes.Evidence));
    }

    [Fact]
    public async Task A_person_signs_for_themselves_only()
    {
        var enrolment = new Enrolment(_folder.Keys, _folder.RosterPath);
        await enrolment.EnrolAsync("anna", [], null, null, _folder.Personal, TestContext.Current.CancellationToken);
        await enrolment.EnrolAsync("bob", [], null, null, _folder.Personal, TestContext.Current.CancellationToken);
        var people = new RosterFile(
            _folder.RosterPath, KeyRegistry.RootOf(_folder.Keys), new Clock(), NullLogger<RosterFile>.Instance);
        using var keyring = FileKeyring.Open(_folder.Keys, KeyRegistry.RootOf(_folder.Keys), [], people);
        using var anna = _folder.KeyOf("anna");
        var decision = new Decision(
            "pr/local/acme/shop/42", 1, Stage.Approval, "h", "b", Some, Some, "production",
            Nonce.Fresh(), "anna", true, null, default, default);
        var genuine = anna.Sign(PredicateTypes.Decision, Subjects, decision);
        var forged = anna.Sign(PredicateTypes.Decision, Subjects, decision with { Person = "bob" });
        Assert.Equal("anna", Statements.OpenFromPerson<Decision>(keyring, genuine, PredicateTypes.Decision, found => found.Person).Signer);
        Assert.Equal(MessageRefusal.SignatureCode, OpenDecision(keyring, forged));
        Assert.Null(OpenDecision(new BelievingKeyring(), forged));
    }

    private static string? OpenDecision(IKeyring keyring, Envelope envelope) =>
        Refused.By(() => Statements.OpenFromPerson<Decision>(keyring, envelope, PredicateTypes.Decision, found => found.Person));

    private string? Open<T>(Role role, Envelope envelope, string type) =>
        Refused.By(() => Statements.Open<T>(_keyring, role, envelope, type));
}
