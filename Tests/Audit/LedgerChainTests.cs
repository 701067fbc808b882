using CsCheck;

namespace Maestro.Audit;

public sealed class LedgerChainTests
{
    private static readonly LedgerFact Fact = new(
        "log/pr/local/acme/shop/1/1", new DateTimeOffset(2025, 3, 1, 13, 0, 0, TimeSpan.FromHours(1)), "deployment.proved", "role:review",
        "pr/local/acme/shop/1", "{}");

    private static readonly Gen<string> AnyText = Gen.Int[0, 6].Select(i => new[] { "", "a", "ab", "b", "é", "😀", "\0" }[i]);

    private static readonly Gen<LedgerFact> AnyFact =
        Gen.Select(AnyText, Gen.Long[0, 1_000_000_000], AnyText, AnyText, AnyText,
            (key, ticks, kind, actor, body) => new LedgerFact(key, DateTimeOffset.UnixEpoch.AddTicks(ticks), kind, actor, "s", body));

    [Fact]
    public void The_encoding_is_the_documented_one()
    {
        var expected = new List<byte> { 0, 0, 0, 0, 0, 0, 0, 7 };
        foreach (var text in new[]
        {
            "maestro.ledger.1", LedgerChain.Genesis, Fact.Key, "2025-03-01T12:00:00.0000000Z", Fact.Kind, Fact.Actor, Fact.Subject,
            Fact.Body,
        })
        {
            expected.AddRange([0, 0, 0, (byte)text.Length, .. System.Text.Encoding.UTF8.GetBytes(text)]);
        }
        Assert.Equal(expected, LedgerChain.Encode(7, LedgerChain.Genesis, Fact));
    }

    [Fact]
    public void Text_that_moves_from_one_field_to_the_next_changes_the_hash() => Assert.NotEqual(
        LedgerChain.HashOf(0, LedgerChain.Genesis, Fact with { Kind = "a", Actor = "bc" }),
        LedgerChain.HashOf(0, LedgerChain.Genesis, Fact with { Kind = "ab", Actor = "c" }));

    [Fact]
    public void The_same_instant_has_the_same_hash_in_every_zone() => Assert.Equal(
        LedgerChain.HashOf(0, LedgerChain.Genesis, Fact),
        LedgerChain.HashOf(0, LedgerChain.Genesis, Fact with { At = Fact.At.ToUniversalTime() }));

    [Fact]
    public void Text_that_is_not_Unicode_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => LedgerChain.HashOf(0, LedgerChain.Genesis, Fact with { Body = "\ud800" }));

    [Fact]
    public void Chains_check_as_a_whole_and_in_pieces() => AnyFact.Array[0, 20].Sample(facts =>
    {
        var entries = LedgerChain.Append(null, facts);
        var half = entries.Length / 2;
        Assert.Null(LedgerChain.Check(entries));
        Assert.Null(LedgerChain.Check(entries[half..], half == 0 ? null : entries[half - 1]));
        var rest = LedgerChain.Append(half == 0 ? null : entries[half - 1], facts[half..]);
        Assert.Equal(entries, [.. LedgerChain.Append(null, facts[..half]), .. rest]);
    }, iter: 200);

    [Fact]
    public void Any_change_of_any_entry_is_found_at_its_place() =>
        Gen.Select(AnyFact.Array[1, 10], Gen.Int[0, 9], Gen.Int[0, 7]).Sample((facts, which, field) =>
        {
            var entries = LedgerChain.Append(null, facts);
            var at = which % entries.Length;
            var (entry, fact) = (entries[at], entries[at].Fact);
            var changed = entries.SetItem(at, field switch
            {
                0 => entry with { Fact = fact with { Key = fact.Key + "x" } },
                1 => entry with { Fact = fact with { At = fact.At.AddTicks(1) } },
                2 => entry with { Fact = fact with { Kind = fact.Kind + "x" } },
                3 => entry with { Fact = fact with { Actor = fact.Actor + "x" } },
                4 => entry with { Fact = fact with { Subject = "x" } },
                5 => entry with { Fact = fact with { Body = fact.Body + "x" } },
                6 => entry with { Hash = entry.Before },
                _ => entry with { Index = entry.Index + 1 },
            });
            Assert.StartsWith($"Entry {at} ", LedgerChain.Check(changed), StringComparison.Ordinal);
        }, iter: 500);

    [Fact]
    public void A_missing_or_moved_entry_is_found_at_its_place()
    {
        var entries = LedgerChain.Append(null, Enumerable.Range(0, 5).Select(i => Fact with { Key = $"call/{i}" }));
        Assert.StartsWith("Entry 2 ", LedgerChain.Check(entries.RemoveAt(2)), StringComparison.Ordinal);
        Assert.StartsWith("Entry 0 ", LedgerChain.Check(entries.RemoveAt(0)), StringComparison.Ordinal);
        Assert.StartsWith("Entry 1 ", LedgerChain.Check([entries[0], entries[2], entries[1], .. entries[3..]]), StringComparison.Ordinal);
    }
}
