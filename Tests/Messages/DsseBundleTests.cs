using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Maestro.Identity;
using Maestro.Support;

namespace Maestro.Messages;

/// <summary>
/// Envelopes that others made: those of the public Sigstore bundles, signed with ECDSA by the key of the bundle's certificate. Certificates, times and
/// the log that goes with them are not an envelope's, so what must fail for these alone is an envelope that opens, and is listed with the reason.
/// </summary>
public sealed class DsseBundleTests
{
    private const string Bundles = "sigstore-bundles";

    private static readonly Dictionary<string, string> Disagreements = new(StringComparer.Ordinal)
    {
        ["intoto-expired-certificate_fail"] = "the certificate, not the envelope, had expired when it was logged",
        ["intoto-log-entry-mismatch_fail"] = "the entry of the log is another one",
        ["intoto-missing-inclusion-proof_fail"] = "the log's proof is missing",
        ["intoto-set-outside-signing-cert-validity_fail"] = "the log's promise is of a time at which the certificate was not valid",
        ["intoto-tsa-timestamp-outside-cert-validity_fail"] = "the timestamp is of a time at which the certificate was not valid",
        ["rekor2-dsse-mismatch-envelope_fail"] = "the log has another envelope",
        ["rekor2-dsse-mismatch-sig_fail"] = "the log has another signature",
    };

    [Fact]
    public void Every_envelope_of_the_public_bundles_opens_as_its_bundle_says()
    {
        var found = Envelopes().ToList();
        Assert.Equal(10, found.Count);
        foreach (var (name, envelope, key) in found)
        {
            using (key)
            {
                var isGood = !name.EndsWith("_fail", StringComparison.Ordinal) || Disagreements.ContainsKey(name);
                var refusal = Refused.By(() => Open(envelope, key));
                Assert.True(isGood ? refusal is null : refusal == MessageRefusal.SignatureCode, $"{name}: {refusal ?? "opens"}");
                // Without the control, the check of the signature, the bad one opens too.
                Assert.NotEmpty(Dsse.Open(envelope, StatementTypes.Payload, (_, _) => true));
            }
        }
        Assert.All(Disagreements.Keys, name => Assert.Contains(found, one => one.Name == name));
    }

    [Fact]
    public void What_opens_is_a_statement_and_another_type_or_one_more_byte_does_not_open()
    {
        foreach (var (name, envelope, key) in Envelopes().Where(one => one.Name != "rekor2-dsse-invalid-sig_fail"))
        {
            using (key)
            {
                var payload = Open(envelope, key);
                var statement = StatementJson.Document(payload);
                Assert.Equal(StatementTypes.Statement, statement.GetProperty("_type").GetString());
                Assert.Equal(MessageRefusal.TypeCode, Refused.By(() => Dsse.Open(envelope, "application/json", Verifier(key))));
                // Even a reader that took the envelope's word for the type: the type is signed.
                var swapped = envelope with { PayloadType = "application/json" };
                Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => Dsse.Open(swapped, swapped.PayloadType, Verifier(key))));
                var longer = envelope with { Payload = Convert.ToBase64String([.. payload, (byte)' ']) };
                Assert.Equal(MessageRefusal.SignatureCode, Refused.By(() => Open(longer, key)));
                Assert.True(name.Length > 0);
            }
        }
    }

    [Fact]
    public void The_published_encoding_is_ours_byte_for_byte()
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Folder("dsse"), "dsse-vector.json")));
        var root = vector.RootElement;
        var body = Encoding.UTF8.GetBytes(root.GetProperty("payload_utf8").GetString()!);
        Assert.Equal(root.GetProperty("pae_hex").GetString(), Convert.ToHexString(Dsse.Pae(root.GetProperty("payload_type").GetString()!, body)),
            ignoreCase: true);
    }

    private static byte[] Open(Envelope envelope, ECDsa key) => Dsse.Open(envelope, StatementTypes.Payload, Verifier(key));

    // Sigstore's signatures are DER, those of the published vector are not: the encoding goes with the key and is never guessed.
    private static Verifier Verifier(ECDsa key) => (message, signature) =>
        key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private static IEnumerable<(string Name, Envelope Envelope, ECDsa Key)> Envelopes()
    {
        var files = Directory.EnumerateFiles(Fixtures.Folder(Bundles), "bundle.sigstore.json", SearchOption.AllDirectories);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            using var bundle = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!bundle.RootElement.TryGetProperty("dsseEnvelope", out var envelope))
            {
                continue;
            }
            var material = bundle.RootElement.GetProperty("verificationMaterial");
            var certificate = material.TryGetProperty("certificate", out var one)
                ? one : material.GetProperty("x509CertificateChain").GetProperty("certificates")[0];
            using var loaded = X509CertificateLoader.LoadCertificate(certificate.GetProperty("rawBytes").GetBytesFromBase64());
            var read = Dsse.FromBytes(Encoding.UTF8.GetBytes(envelope.GetRawText()));
            yield return (Path.GetFileName(Path.GetDirectoryName(file))!, read, loaded.GetECDsaPublicKey()!);
        }
    }
}
