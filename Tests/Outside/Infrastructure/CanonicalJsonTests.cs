using System.Collections.Immutable;
using System.Text;
using CsCheck;

namespace Maestro.Outside.Infrastructure;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Keys_are_sorted_nothing_is_blank_and_only_what_must_be_is_escaped()
    {
        var plan = new PlanDocument(1, "shop", "staging", "", 0, "", [new Resource("file.a", "é\u2028\"\\\n\u0001/<", 420)], []);
        Assert.Equal(
            "{\"application\":\"shop\",\"changes\":[],\"environment\":\"staging\",\"lineage\":\"\",\"resources\":[{\"address\":\"file.a\","
            + "\"content\":\"é\u2028\\\"\\\\\\n\\u0001/<\",\"mode\":420,\"sensitive\":false}],\"serial\":0,\"state\":\"\",\"version\":1}",
            Encoding.UTF8.GetString(CanonicalJson.Write(plan)));
    }

    [Fact]
    public void What_was_written_is_read_and_written_again_as_the_same_bytes() =>
        Gen.Select(Gen.String, Gen.Int, Gen.Bool).Where((text, _, _) => ResourceRules.IsText(text)).Sample(
            (text, number, flag) =>
            {
                var written = CanonicalJson.Write(new Resource("file." + text, text, number, null, flag));
                var read = CanonicalJson.Read<Resource>(written);
                return read is not null && CanonicalJson.Write(read).SequenceEqual(written);
            },
            iter: 2000);

    [Fact]
    public void Any_other_spelling_is_not_read()
    {
        var written = Encoding.UTF8.GetString(CanonicalJson.Write(new Recorded("port.web", Number: 1)));
        Assert.NotNull(CanonicalJson.Read<Recorded>(Encoding.UTF8.GetBytes(written)));
        ImmutableArray<string> others =
        [
            written + "\n", " " + written, written.Replace(":1", ":1.0", StringComparison.Ordinal),
                written.Replace("web", "\\u0077eb", StringComparison.Ordinal),
            written.Replace("{", "{\"number\":1,", StringComparison.Ordinal),
                written.Replace("number", "Number", StringComparison.Ordinal), "null", "",
        ];
        Assert.All(others, other => Assert.Null(CanonicalJson.Read<Recorded>(Encoding.UTF8.GetBytes(other))));
    }

    [Fact]
    public void Random_bytes_are_never_read_and_never_crash() =>
        Gen.Byte.Array[0, 200].Sample(bytes => CanonicalJson.Read<PlanDocument>(bytes) is null, iter: 5000);
}
