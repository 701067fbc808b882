using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Maestro.Deployments;
using Maestro.Evidence;
using Maestro.Identity;

namespace Maestro.Messages;

public sealed class RoundTripTests
{
    public static TheoryData<string> Kinds => [.. ProofKinds.Names];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_proof_is_read_as_it_was_written(string kind)
    {
        var type = typeof(Proof).Assembly.GetType($"Maestro.Evidence.{kind}")!;
        var proof = (Proof)Sample(type)!;
        var text = JsonSerializer.Serialize(ProofKinds.Write(proof), StatementJson.Strict);
        var read = ProofKinds.Read(kind, JsonElement.Parse(text));
        Assert.Equal(kind, ProofKinds.NameOf(read));
        Assert.Equivalent(proof, read, strict: true);
        Assert.Equal(text, JsonSerializer.Serialize(ProofKinds.Write(read), StatementJson.Strict));
    }

    [Fact]
    public void A_proof_of_an_unknown_kind_is_refused() =>
        Assert.Equal(MessageRefusal.MalformedCode, Refused.By(() => ProofKinds.Read("Proof", JsonElement.Parse("{}"))));

    [Fact]
    public void Orders_and_answers_are_read_as_they_were_written()
    {
        var binding = Binding.Of(DeploymentId.Parse("pr/local/acme/shop/42"), 2, Stage.Promote, 1, Role.Deployment, TimeProvider.System);
        Assert.Equal("pr/local/acme/shop/42/a2/Promote", binding.Effect);
        var order = new WorkOrder(
            binding, OrderKind.Undo, ImmutableDictionary<string, Digest>.Empty.Add("Promoted", Digest.Of("p"u8)), Digest.Of("c"u8),
            "watch.unhealthy", "r6");
        Assert.Equivalent(order, Again(order), strict: true);
        Assert.Contains("\"stage\":\"Promote\"", JsonSerializer.Serialize(order, StatementJson.Strict), StringComparison.Ordinal);
        var proof = new StagingHealthy(Digest.Of("i"u8), "r7", 1.5);
        Assert.Equal(proof, Again(AgentAnswer.Proved(binding, proof)).OpenProof());
        var refused = AgentAnswer.Refused(binding, new Reason("c", "r", "e", "f", "w"));
        Assert.Equal(refused, Again(refused));
    }

    private static T Again<T>(T value) =>
        JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, StatementJson.Strict), StatementJson.Strict)!;

    /// <summary>A value of the type that differs from the default everywhere.</summary>
    private static object? Sample(Type type) => type switch
    {
        _ when type == typeof(string) => "a \"text\" with < & é",
        _ when type == typeof(int) || type == typeof(long) => Convert.ChangeType(7, type, null),
        _ when type == typeof(double) => 0.25,
        _ when type == typeof(bool) => true,
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
        _ when type == typeof(Digest) => Digest.Of("sample"u8),
        _ when Nullable.GetUnderlyingType(type) is { } inner => Sample(inner),
        { IsEnum: true } => Enum.GetValues(type).GetValue(1),
        { IsGenericType: true } when typeof(IEnumerable).IsAssignableFrom(type) => Array(type.GetGenericArguments()[0]),
        _ => Made(type),
    };

    private static object Array(Type element) => typeof(RoundTripTests)
        .GetMethod(nameof(Two), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(element).Invoke(null, null)!;

    private static ImmutableArray<T> Two<T>() => [(T)Sample(typeof(T))!, (T)Sample(typeof(T))!];

    private static object Made(Type type)
    {
        var constructor = type.GetConstructors().Single();
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Sample(parameter.ParameterType))]);
    }
}
