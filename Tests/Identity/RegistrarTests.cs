using System.Text;
using Maestro.Messages;
using Maestro.Outside;

namespace Maestro.Identity;

public sealed class RegistrarTests : IDisposable
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("a message");

    private readonly Folder _folder = new();
    private readonly Clock _clock = new();
    private readonly Registrar _registrar;

    public RegistrarTests()
    {
        _registrar = new(_folder.Keys, _clock);
        _registrar.Supply([Role.Control, Role.Review]);
    }

    private string Root => KeyRegistry.RootOf(_folder.Keys);

    private TrustedKeys Trusted => KeyFolder.Read(_folder.Keys, Root);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_rotated_key_goes_on_for_a_minute_and_its_word_of_that_time_for_ever()
    {
        using var keyring = Open(Role.Review);
        var (old, signed) = (keyring.PublicKeyOf(Role.Review), keyring.Sign(Role.Review, Message));
        var before = _clock.GetUtcNow();
        _registrar.Rotate(Role.Review);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.NotEqual(old, keyring.PublicKeyOf(Role.Review));
        Assert.True(keyring.Verify(Role.Review, Message, signed));

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.False(keyring.Verify(Role.Review, Message, signed));
        var signer = keyring.SignerOf(Role.Review, Message, signed);
        Assert.True(signer!.SignsAt(before));
        Assert.False(signer.SignsAt(_clock.GetUtcNow()));
        Assert.True(keyring.Verify(Role.Review, Message, keyring.Sign(Role.Review, Message)));
    }

    [Fact]
    public void A_statement_that_an_old_key_signed_in_its_time_still_opens_and_one_of_later_does_not()
    {
        using var keyring = Open(Role.Review);
        var binding = Binding.Of(Deployments.DeploymentId.Of("local", "acme", "shop", 1), 1, Deployments.Stage.Review, 1, Role.Control, _clock);
        var late = binding with { IssuedAt = _clock.GetUtcNow().AddMinutes(2), ExpiresAt = _clock.GetUtcNow().AddMinutes(5) };
        var (then, later) = (Signed(keyring, binding), Signed(keyring, late));
        _registrar.Rotate(Role.Review);
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(binding, Statements.Open<AgentAnswer>(keyring, Role.Review, then, PredicateTypes.AgentAnswer).Predicate.Binding);
        Assert.Throws<Deployments.RefusedException>(() => Statements.Open<AgentAnswer>(keyring, Role.Review, later, PredicateTypes.AgentAnswer));
    }

    [Fact]
    public void What_a_revoked_key_signed_counts_for_nothing_or_only_before_it_was_stolen()
    {
        using var keyring = Open(Role.Control, Role.Review);
        var (review, control) = (keyring.Sign(Role.Review, Message), keyring.Sign(Role.Control, Message));
        _registrar.Revoke(keyring.KeysOf(Role.Review)[0].Id, DateTimeOffset.MinValue);
        _registrar.Revoke(keyring.KeysOf(Role.Control)[0].Id, _clock.GetUtcNow().AddHours(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keyring.Verify(Role.Review, Message, review));
        Assert.False(keyring.SignerOf(Role.Review, Message, review)!.SignsAt(_clock.GetUtcNow().AddYears(-1)));
        Assert.Equal("keys.role", Assert.Throws<OutsideException>(() => keyring.Sign(Role.Review, Message)).Reason.Code);
        Assert.True(keyring.Verify(Role.Control, Message, control));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(keyring.Verify(Role.Control, Message, control));
    }

    [Fact]
    public void An_older_registry_does_not_take_a_newer_ones_place()
    {
        using var keyring = Open(Role.Review);
        var path = Path.Combine(_folder.Keys, KeyRegistry.FileName);
        var (older, signed) = (File.ReadAllBytes(path), keyring.Sign(Role.Review, Message));
        _registrar.Revoke(keyring.KeysOf(Role.Review)[0].Id, DateTimeOffset.MinValue);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keyring.Verify(Role.Review, Message, signed));

        File.WriteAllBytes(path, older);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keyring.Verify(Role.Review, Message, signed));
        var folder = new TrustFolder(_folder.Keys, _folder.RosterPath, Root);
        Assert.False(folder.Take(new(1, TrustDocument.Registry, 2, [.. older]), null).IsNew);
    }

    [Fact]
    public void With_an_expired_registry_nothing_counts_until_the_root_signs_again()
    {
        using var keyring = Open(Role.Review);
        var signed = keyring.Sign(Role.Review, Message);
        _clock.Advance(KeyRegistry.Life - TimeSpan.FromSeconds(1));
        Assert.True(keyring.Verify(Role.Review, Message, signed));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keyring.Verify(Role.Review, Message, signed));
        Assert.Throws<OutsideException>(() => keyring.Sign(Role.Review, Message));

        _registrar.Supply([Role.Control, Role.Review]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(keyring.Verify(Role.Review, Message, signed));
    }

    [Fact]
    public void A_registry_is_signed_anew_when_half_of_its_life_is_over()
    {
        var number = Trusted.Number;
        _clock.Advance((KeyRegistry.Life / 2) - TimeSpan.FromSeconds(1));
        _registrar.Supply([Role.Control, Role.Review]);
        Assert.Equal(number, Trusted.Number);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _registrar.Supply([Role.Control, Role.Review]);
        Assert.Equal(number + 1, Trusted.Number);
        Assert.Equal(_clock.GetUtcNow() + KeyRegistry.Life, Trusted.ExpiresAt);
    }

    [Fact]
    public void A_role_whose_key_was_revoked_gets_a_new_one_at_the_next_start()
    {
        var revoked = Trusted.Of(Role.Review).Single();
        _registrar.Revoke(revoked.Id, DateTimeOffset.MinValue);
        _registrar.Supply([Role.Control, Role.Review]);
        _registrar.Supply([Role.Control, Role.Review]);
        using var keyring = Open(Role.Review);
        Assert.Equal(2, keyring.KeysOf(Role.Review).Length);
        Assert.NotEqual(revoked.PublicKey, Convert.ToBase64String(keyring.PublicKeyOf(Role.Review)));
        Assert.True(keyring.Verify(Role.Review, Message, keyring.Sign(Role.Review, Message)));
    }

    [Fact]
    public void A_founding_that_died_half_way_goes_on_with_the_root_that_was_made()
    {
        using var other = new Folder();
        var root = new Registrar(other.Keys, _clock).Found();
        File.Delete(Path.Combine(other.Keys, KeyRegistry.FileName));
        File.Delete(Path.Combine(other.Keys, KeyRegistry.RootPublicKey));
        new Registrar(other.Keys, _clock).Supply([Role.Control]);
        Assert.Equal(root, KeyRegistry.RootOf(other.Keys));
        Assert.Single(KeyFolder.Read(other.Keys, root).Keys);
    }

    [Fact]
    public void A_key_that_nobody_has_is_not_revoked() =>
        Assert.Equal("keys.unknown", Assert.Throws<Deployments.RefusedException>(
            () => _registrar.Revoke("0123456789abcdef", DateTimeOffset.MinValue)).Reason.Code);

    [Fact]
    public void A_silo_that_pins_another_root_is_refused()
    {
        RootPin.Check(null, Root);
        RootPin.Check(RootPin.FingerprintOf(Root), Root);
        Assert.Equal("keys.pinned", Assert.Throws<Deployments.RefusedException>(() => RootPin.Check("SHA256:other", Root)).Reason.Code);
    }

    private static Envelope Signed(FileKeyring keyring, Binding binding) => Statements.Sign(
        keyring, Role.Review, PredicateTypes.AgentAnswer, [Subject.Of("x", Deployments.Digest.Of("x"u8))], AgentAnswer.Waiting(binding, "a test"));

    private FileKeyring Open(params Role[] roles) => FileKeyring.Open(
        _folder.Keys, Root, roles, new RosterFile(
            _folder.RosterPath, Root, _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<RosterFile>.Instance), _clock);
}
