using NSec.Cryptography;

namespace Maestro.Identity;

/// <summary>Seals between silos with keys of their own, which joined one root.</summary>
public sealed class CallSealsTests : IDisposable
{
    private static readonly byte[] Message = [.. "switch production"u8];

    private readonly Folder _folder = new();
    private readonly Clock _clock = new();
    private readonly List<FileKeyring> _keyrings = [];

    // The vector of libsodium's own test of the conversion.
    [Fact]
    public void A_key_has_the_published_form_of_X25519()
    {
        var seed = Convert.FromHexString("421151a459faeade3d247115f94aedae42318124095afabe4d1451a559faedee");
        using var signing = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        using var agreeing = MontgomeryForm.PrivateKey(seed);

        var converted = MontgomeryForm.PublicKey(signing.PublicKey.Export(KeyBlobFormat.RawPublicKey))!;

        const string published = "f1814f0e8ff1043d8a44d25babff3cedcae6c22c3edaa48f857ae70de2baae50";
        Assert.Equal(published, Convert.ToHexStringLower(converted.Export(KeyBlobFormat.RawPublicKey)));
        Assert.Equal(published, Convert.ToHexStringLower(agreeing.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // the neutral element
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // the prime itself
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void What_is_no_point_has_no_such_form(string hex) => Assert.Null(MontgomeryForm.PublicKey(Convert.FromHexString(hex)));

    // Points of small order: whoever names one as theirs would share a secret with everybody.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void With_a_key_of_small_order_nobody_agrees_on_anything(string hex)
    {
        using var own = KeyFile.Of("role:control", new byte[32]);

        Assert.Null(own.Agree(Convert.ToBase64String(Convert.FromHexString(hex)), "use"u8));
    }

    [Fact]
    public void A_seal_counts_for_its_message_its_direction_and_its_two_roles_only()
    {
        new Registrar(_folder.Keys, _clock).Supply(Principal.SiloRoles);
        var (control, deployment, build) = (Of(Role.Control), Of(Role.Deployment), Of(Role.Build));

        var sealing = control.Seal(Role.Control, Role.Deployment, Message)!;

        Assert.NotNull(deployment.SenderOf(sealing, Role.Control, Role.Deployment, Message));
        Assert.Null(deployment.SenderOf(sealing, Role.Control, Role.Deployment, "switch staging"u8));
        Assert.Null(deployment.SenderOf(sealing, Role.Custody, Role.Deployment, Message));
        Assert.Null(build.SenderOf(sealing, Role.Control, Role.Build, Message));
        Assert.Null(build.SenderOf(sealing, Role.Control, Role.Deployment, Message));
        Assert.Null(control.SenderOf(sealing, Role.Deployment, Role.Control, Message));
        // Whoever can check a seal could have made it, so what one silo was told convinces no other.
        var echoed = deployment.Seal(Role.Deployment, Role.Control, Message)!;
        Assert.NotEqual(sealing[^43..], echoed[^43..]);
        Assert.Throws<Outside.OutsideException>(() => build.Seal(Role.Control, Role.Deployment, Message));
    }

    [Fact]
    public void What_is_no_seal_is_none()
    {
        new Registrar(_folder.Keys, _clock).Supply(Principal.SiloRoles);
        var (control, deployment) = (Of(Role.Control), Of(Role.Deployment));
        var sealing = control.Seal(Role.Control, Role.Deployment, Message)!;
        string[] others =
        [
            "", "~", "~~", "~~=", sealing[1..], sealing[..^1], sealing + "A", sealing + "=", sealing.ToUpperInvariant(), sealing.Replace('=', '~'),
            string.Concat(Enumerable.Repeat("~x=y", 5000)), sealing + string.Concat(Enumerable.Repeat("~x=y", 40)),
        ];

        Assert.All(others, text => Assert.Null(deployment.SenderOf(text, Role.Control, Role.Deployment, Message)));
    }

    [Fact]
    public void A_revoked_key_seals_for_nobody()
    {
        var registrar = new Registrar(_folder.Keys, _clock);
        registrar.Supply(Principal.SiloRoles);
        var (control, deployment) = (Of(Role.Control), Of(Role.Deployment));
        var sealing = control.Seal(Role.Control, Role.Deployment, Message)!;
        Assert.NotNull(deployment.SenderOf(sealing, Role.Control, Role.Deployment, Message));

        registrar.Revoke(sealing[1..17], _clock.GetUtcNow());

        Assert.Null(Of(Role.Deployment).SenderOf(sealing, Role.Control, Role.Deployment, Message));
    }

    public void Dispose()
    {
        _keyrings.ForEach(keyring => keyring.Dispose());
        _folder.Dispose();
    }

    private CallSeals Of(Role role)
    {
        _keyrings.Add(FileKeyring.Open(_folder.Keys, KeyRegistry.RootOf(_folder.Keys), [role], NobodyKnown.Instance, _clock));
        return new(_keyrings[^1], _clock);
    }
}
