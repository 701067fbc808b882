using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Maestro.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Identity;

public sealed class PeerCertificateTests : IAsyncLifetime
{
    private readonly Folder _folder = new();
    private readonly Clock _clock = new();
    private FileKeyring _keyring = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Root => KeyRegistry.RootOf(_folder.Keys);

    public async ValueTask InitializeAsync()
    {
        new Registrar(_folder.Keys, _clock).Supply([Role.Control, Role.Review]);
        await new Enrolment(_folder.Keys, _folder.RosterPath).EnrolAsync("anna", [], [], [], _folder.Personal, Cancellation);
        _keyring = FileKeyring.Open(_folder.Keys, Root, [Role.Control, Role.Review],
            new RosterFile(_folder.RosterPath, Root, TimeProvider.System, NullLogger<RosterFile>.Instance), _clock);
    }

    public ValueTask DisposeAsync()
    {
        _keyring.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_certificate_says_who_vouches_for_it_with_enrolled_keys()
    {
        using var anna = _folder.KeyOf("anna");
        using var silo = Make(("role:control", Signer(Role.Control)), ("role:review", Signer(Role.Review)));
        using var person = Make(("anna", anna.Sign));
        Assert.Equal(["role:control", "role:review"], Holders(silo));
        Assert.Equal(["anna"], Holders(person));
    }

    [Fact]
    public void Nobody_vouches_with_anothers_key_or_under_another_name()
    {
        using var anna = _folder.KeyOf("anna");
        using var forged = Make(("role:control", Signer(Role.Review)));
        using var partly = Make(("role:review", Signer(Role.Review)), ("role:control", Signer(Role.Review)));
        using var person = Make(("role:review", anna.Sign));
        using var unknown = Make(("bob", anna.Sign));
        using var nobody = Make();
        Assert.All([forged, partly, person, unknown, nobody], certificate => Assert.Empty(Holders(certificate)));
    }

    [Fact]
    public void A_certificate_is_good_for_a_day_and_only_as_long_as_its_keys_are()
    {
        using var certificate = Make(("role:review", Signer(Role.Review)));
        _clock.Advance(PeerCertificate.Life - TimeSpan.FromSeconds(1));
        Assert.Equal(["role:review"], Holders(certificate));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(Holders(certificate));

        using var fresh = Make(("role:review", Signer(Role.Review)));
        Assert.NotEmpty(Holders(fresh));
        new Registrar(_folder.Keys, _clock).Revoke(_keyring.KeysOf(Role.Review)[0].Id, DateTimeOffset.MinValue);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Holders(fresh));
    }

    [Fact]
    public void The_vouchers_of_one_certificate_say_nothing_of_another()
    {
        using var genuine = Make(("role:review", Signer(Role.Review)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=maestro", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(Assert.Single(genuine.Extensions));
        using var copied = request.CreateSelfSigned(genuine.NotBefore, genuine.NotAfter);
        Assert.Empty(Holders(copied));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"principal\":\"role:review\",\"signature\":\"!\"}]")]
    [InlineData("\u0000")]
    public void What_is_no_list_of_vouchers_is_nobodys(string stated)
    {
        using var genuine = Make(("role:review", Signer(Role.Review)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=maestro", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509Extension(Assert.Single(genuine.Extensions).Oid!, System.Text.Encoding.UTF8.GetBytes(stated), critical: false));
        using var broken = request.CreateSelfSigned(genuine.NotBefore, genuine.NotAfter);
        Assert.Empty(Holders(broken));
    }

    private ImmutableArray<string> Holders(X509Certificate2 certificate) => PeerCertificate.HoldersOf(certificate, _keyring, _clock.GetUtcNow());

    private X509Certificate2 Make(params (string, Signer)[] holders) => PeerCertificate.Make(holders, _clock.GetUtcNow());

    private Signer Signer(Role role) => message => _keyring.Sign(role, message);
}
