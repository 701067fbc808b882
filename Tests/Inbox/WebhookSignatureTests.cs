using System.Text;

namespace Maestro.Inbox;

/// <summary>Signatures by the published examples: RFC 4231 and GitHub's documentation of webhooks.</summary>
public sealed class WebhookSignatureTests
{
    private const string Secret = "It's a Secret to Everybody";
    private const string Body = "Hello, World!";
    private const string Genuine = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    public static TheoryData<string, string, string> Published => new()
    {
        { Repeat("0b", 20), Hex("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { Hex("Jefe"), Hex("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { Repeat("aa", 20), Repeat("dd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { "0102030405060708090a0b0c0d0e0f10111213141516171819", Repeat("cd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { Repeat("aa", 131), Hex("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { Hex(Secret), Hex(Body), Genuine["sha256=".Length..] },
    };

    [Theory, MemberData(nameof(Published))]
    public void A_published_example_fits(string secret, string body, string signature) =>
        Assert.True(WebhookSignature.Fits(Convert.FromHexString(secret), Convert.FromHexString(body), $"sha256={signature}"));

    [Fact]
    public void The_case_of_the_digits_does_not_matter() => Assert.True(Fits(Secret, Body, $"sha256={Genuine["sha256=".Length..].ToUpperInvariant()}"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("SHA256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e170")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1g")]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(" sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public void Anything_else_does_not(string? signature) => Assert.False(Fits(Secret, Body, signature));

    [Fact]
    public void Another_secret_or_a_changed_byte_does_not()
    {
        Assert.False(Fits("It's a Secret to everybody", Body, Genuine));
        Assert.False(Fits(Secret, "Hello, World?", Genuine));
        Assert.False(Fits(Secret, "", Genuine));
    }

    private static bool Fits(string secret, string body, string? signature) =>
        WebhookSignature.Fits(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body), signature);

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private static string Repeat(string pair, int times) => string.Concat(Enumerable.Repeat(pair, times));
}
