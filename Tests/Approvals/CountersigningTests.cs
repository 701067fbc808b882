using Maestro.Deployments;
using Maestro.Identity;
using Maestro.Messages;

namespace Maestro.Approvals;

/// <summary>A person's word counts with the person's signature and the gateway's around it, and neither stands for the other.</summary>
public sealed class CountersigningTests(GlassPeople people) : IClassFixture<GlassPeople>
{
    private static readonly DateTimeOffset Now = GlassPeople.Now;

    private Countersigning Countersigning => new(people.Keyring, people.Roster);

    [Fact]
    public void What_a_person_signed_and_the_gateway_received_is_the_persons_word()
    {
        var countersigned = Countersigning.Add<GlassBreak>(people.Bare(GlassPeople.Word()), GlassBreak.PredicateType, "sam", Now);
        Assert.Equal(GlassPeople.Word(), Open(countersigned));
        var received = Statements.Open<Countersigned>(people.Keyring, Role.Gateway, countersigned, Countersigned.PredicateType).Predicate;
        Assert.Equal(("sam", "sam", Now), (received.Person, received.Carrier, received.IssuedAt));
    }

    [Fact]
    public void A_persons_bare_signature_is_not_enough()
    {
        Assert.Equal(MessageRefusal.SignatureCode, Code(people.Bare(GlassPeople.Word())));
        Assert.Null(Code(Received(people.Bare(GlassPeople.Word()))));
    }

    [Theory, InlineData(Role.Control), InlineData(Role.Desk)]
    public void No_other_role_countersigns(Role role)
    {
        var word = GlassPeople.Word();
        var forged = Statements.Sign(
            people.Keyring, role, Countersigned.PredicateType, [Subject.Of("x", Digest.Of("x"u8))],
            new Countersigned(people.Bare(word), word.Person, word.Person, Now));
        Assert.Equal(MessageRefusal.SignatureCode, Code(forged));
        // Were the gateway's key not asked for, a stolen word would be enough.
        Assert.Equal(word, new Countersigning(new BelievingKeyring(), people.Roster).Open<GlassBreak>(forged, GlassBreak.PredicateType));
    }

    [Fact]
    public void A_countersignature_is_no_good_around_another_word()
    {
        var (said, wanted) = (GlassPeople.Word(), GlassPeople.Word() with { Head = new string('d', 40) });
        var genuine = Received(people.Bare(said));
        var other = StatementOf(genuine) with { Own = people.Bare(wanted) };
        var payload = Statements.Sign(
            people.Keyring, Role.Control, Countersigned.PredicateType, [Subject.Of("x", Digest.Of("x"u8))], other).Payload;
        Assert.Equal(MessageRefusal.SignatureCode, Code(genuine with { Payload = payload }));
        Assert.Null(Code(genuine));
    }

    [Fact]
    public void A_word_that_somebody_else_made_is_not_countersigned()
    {
        using var sue = people.KeyOf(GlassPeople.Sue);
        var forged = PersonSigner.Sign(sue, GlassPeople.Word());
        Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() =>
            Countersigning.Add<GlassBreak>(forged, GlassBreak.PredicateType, "sue", Now)));
        Assert.Equal(MessageRefusal.SignatureCode, Code(Received(forged)));
    }

    [Fact]
    public void The_gateway_says_whose_word_it_received()
    {
        var word = GlassPeople.Word();
        Assert.Equal("approval.countersigned", Code(Countersigning.Receive(people.Keyring, people.Bare(word), GlassPeople.Sue, word.Person, Now)));
        Assert.Null(Code(Countersigning.Receive(people.Keyring, people.Bare(word), word.Person, word.Person, Now)));
    }

    // Whoever has somebody's key has neither that person's session nor the second factor.
    [Fact]
    public void A_word_counts_only_where_the_person_who_signed_it_brought_it()
    {
        var word = GlassPeople.Word();
        Assert.Equal("approval.carrier", Refused.By(() =>
            Countersigning.Add<GlassBreak>(people.Bare(word), GlassBreak.PredicateType, GlassPeople.Sue, Now)));
        Assert.Equal("approval.carrier", Code(Countersigning.Receive(people.Keyring, people.Bare(word), word.Person, GlassPeople.Sue, Now)));
        Assert.Null(Code(Countersigning.Add<GlassBreak>(people.Bare(word), GlassBreak.PredicateType, word.Person, Now)));
    }

    [Theory, InlineData(-31), InlineData(601), InlineData(86400)]
    public void What_came_in_before_it_was_signed_or_after_it_expired_does_not_count(int seconds)
    {
        var word = people.Bare(GlassPeople.Word());
        Assert.Equal("approval.expired", Code(Countersigning.Receive(people.Keyring, word, GlassPeople.Sam, "sam", Now.AddSeconds(seconds))));
        Assert.Equal("approval.expired", Refused.By(() =>
            Countersigning.Add<GlassBreak>(word, GlassBreak.PredicateType, "sam", Now.AddSeconds(seconds))));
        Assert.Null(Code(Countersigning.Receive(people.Keyring, word, GlassPeople.Sam, "sam", Now.AddSeconds(599))));
    }

    [Fact]
    public void One_key_is_not_both()
    {
        var gateway = Convert.ToBase64String(people.Keyring.PublicKeyOf(Role.Gateway));
        var both = new RosterWith(people.Roster, GlassPeople.Sam, sam => sam with { PublicKey = gateway });
        using var keyring = people.Open(both);
        var own = Statements.Sign(
            people.Keyring, Role.Gateway, GlassBreak.PredicateType, [Subject.Of("x", Digest.Of("x"u8))], GlassPeople.Word());
        var alone = Received(own);
        Assert.Equal("approval.one-key", Refused.By(() => new Countersigning(keyring, both).Open<GlassBreak>(alone, GlassBreak.PredicateType)));
        // Were the two keys not compared, a gateway that is in the roster would say yes by itself.
        Assert.Equal(
            GlassPeople.Word(), new Countersigning(keyring, people.Roster).Open<GlassBreak>(alone, GlassBreak.PredicateType));
    }

    [Fact]
    public void A_word_about_one_thing_is_not_read_as_a_word_about_another() =>
        Assert.Equal(MessageRefusal.TypeCode, Refused.By(() =>
            Countersigning.Open<Decision>(Received(people.Bare(GlassPeople.Word())), PredicateTypes.Decision)));

    private GlassBreak Open(Envelope envelope) => Countersigning.Open<GlassBreak>(envelope, GlassBreak.PredicateType);

    private string? Code(Envelope envelope) => Refused.By(() => Open(envelope));

    private Envelope Received(Envelope signed) => Countersigning.Receive(people.Keyring, signed, GlassPeople.Sam, GlassPeople.Sam, Now);

    private Countersigned StatementOf(Envelope envelope) =>
        Statements.Open<Countersigned>(people.Keyring, Role.Gateway, envelope, Countersigned.PredicateType).Predicate;
}
