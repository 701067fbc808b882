using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Maestro.Deployments;
using Maestro.Storage;
using Maestro.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Maestro.Audit;

/// <summary>Entries as events of the Open Cybersecurity Schema Framework.</summary>
public sealed class OcsfTests
{
    private static readonly Dictionary<int, string[]> Required = new()
    {
        [0] = [],
        [2004] = ["finding_info"],
        [3001] = ["user"],
        [3002] = ["user", "service"],
        [3004] = ["entity"],
        [6002] = ["app"],
        [6003] = ["actor", "api", "src_endpoint"],
    };

    private static readonly string[] Always =
    [
        "activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "status_id", "metadata", "actor",
    ];

    public static TheoryData<string> Kinds => [.. KindsInTheCode().Append("key.revoked").Append("person.enrolled").Append("somebody.unknown").Append("")];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_what_its_class_requires(string kind)
    {
        var made = Event(Fact(kind), profiles: false);
        Assert.All(Always, name => Assert.NotNull(made[name]));
        var uid = made["class_uid"]!.GetValue<int>();
        Assert.All(Required[uid], name => Assert.NotNull(made[name]));
        Assert.Equal(uid / 1000, made["category_uid"]!.GetValue<int>());
        Assert.Equal((uid * 100) + made["activity_id"]!.GetValue<int>(), made["type_uid"]!.GetValue<int>());
        Assert.Equal(Database.Noon.ToUnixTimeMilliseconds(), made["time"]!.GetValue<long>());
        Assert.InRange(made["severity_id"]!.GetValue<int>(), 1, 5);
        Assert.InRange(made["status_id"]!.GetValue<int>(), 1, 2);
        Assert.Equal("1.8.0", made["metadata"]!["version"]!.GetValue<string>());
        Assert.Equal("Maestro", made["metadata"]!["product"]!["name"]!.GetValue<string>());
        Assert.NotNull(made["metadata"]!["uid"]);
        Assert.Null(made["attestation_list"]);
    }

    [Fact]
    public void Every_kind_that_the_code_writes_has_a_class()
    {
        var kinds = KindsInTheCode();
        // What is certainly written is found by the search.
        string[] certain = ["approval.given", "call.refused", "message.dropped", "environment.live", "review.found", "refusals.lost", "ledger.disowned"];
        Assert.Empty(certain.Except(kinds));
        Assert.All(kinds, kind => Assert.NotEqual(OcsfClass.Base, OcsfClass.Of(kind)));
        Assert.Equal(OcsfClass.Base, OcsfClass.Of("somebody.unknown"));
    }

    [Theory]
    [InlineData("{\"code\":\"x\",\"code\":\"y\"}")]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("")]
    public void A_body_that_is_odd_is_text(string body) =>
        Assert.Equal(body, Event(Fact("call.refused") with { Body = body }, profiles: true)["unmapped"]!["body"]!.GetValue<string>());

    [Fact]
    public void With_the_profiles_each_event_names_the_one_before_and_can_be_checked()
    {
        var writer = new OcsfWriter("maestro/1/ledger", "1.0", profiles: true);
        var entries = LedgerChain.Append(null, [Fact("deployment.Proved") with { Actor = "role:review" }, Fact("call.refused"), Fact("approval.given")]);
        var events = entries.Select(entry => JsonNode.Parse(writer.LineOf(entry))!.AsObject()).ToList();
        Assert.Equal(["record_integrity", "ai_operation"], events[0]["metadata"]!["profiles"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal("Code Review Agent", events[0]["ai_agent"]!["name"]!.GetValue<string>());
        Assert.Null(events[1]["ai_agent"]);
        string? before = null;
        foreach (var made in events)
        {
            var attestation = made["attestation_list"]![0]!.AsObject();
            Assert.Equal("maestro/1/ledger", attestation["chain_uid"]!.GetValue<string>());
            Assert.Equal(before, attestation["prev_event"]?["fingerprint"]?["value"]?.GetValue<string>());
            before = attestation["fingerprint"]!["value"]!.GetValue<string>();
            attestation.Remove("fingerprint");
            Assert.Equal(before, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(made.ToJsonString()))));
        }
    }

    private static LedgerFact Fact(string kind) => new("key/1", Database.Noon, kind, "role:gateway", "pr/local/acme/shop/1", "{\"code\":\"x\"}");

    private static JsonObject Event(LedgerFact fact, bool profiles) => JsonNode.Parse(
        new OcsfWriter("maestro/1/ledger", "1.0", profiles).LineOf(LedgerChain.Append(null, [fact])[0]))!.AsObject();

    // A fact is made, told or kept with its kind as the third of four to six arguments, in a file that speaks of facts or refusals.
    private static HashSet<string> KindsInTheCode() =>
    [
        .. new[] { "Grains", "Silo" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Fixtures.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .Where(text => new[] { "LedgerFact", "Facts.Keep", "NoteAsync(", "ILedgerGrain" }.Any(word => text.Contains(word, StringComparison.Ordinal)))
            .SelectMany(KindsIn),
        .. typeof(LogEntry).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(LogEntry))).Select(type => $"deployment.{type.Name}"),
    ];

    private static IEnumerable<string> KindsIn(string source)
    {
        var root = CSharpSyntaxTree.ParseText(source).GetRoot();
        var constants = root.DescendantNodes().OfType<VariableDeclaratorSyntax>().Where(one => one.Initializer is not null)
            .DistinctBy(one => one.Identifier.Text).ToDictionary(one => one.Identifier.Text, one => one.Initializer!.Value);
        return root.DescendantNodes().OfType<BaseArgumentListSyntax>()
            .Where(list => list.Arguments.Count is >= 4 and <= 6)
            .Select(list => list.Arguments[2].Expression)
            .SelectMany(kind => kind is IdentifierNameSyntax name && constants.TryGetValue(name.Identifier.Text, out var value) ? [value] : new[] { kind })
            .SelectMany(kind => kind.DescendantNodesAndSelf().OfType<LiteralExpressionSyntax>())
            .Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression))
            .Select(literal => literal.Token.ValueText)
            .Where(text => text.Split('.') is [{ Length: > 0 } family, { Length: > 0 } name] && $"{family}{name}".All(c => c is (>= 'a' and <= 'z') or '-'));
    }
}
