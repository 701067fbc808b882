using System.Text.Json;
using System.Text.Json.Serialization;

namespace Maestro.Outside.Git;

/// <summary>What the repository remembers of a pull request, as JSON in the blob that <c>refs/maestro/pull/{n}</c> points at.</summary>
/// <param name="Title">The first line of the head commit's message when it was opened, fit to be shown.</param>
internal sealed record PullRecord(int Number, string HeadBranch, string BaseBranch, string Opener, string Title, PullState State)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PullRecordJson.Default.PullRecord);

    /// <exception cref="OutsideException">The bytes are no such record.</exception>
    public static PullRecord FromJson(byte[] json, int number)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, PullRecordJson.Default.PullRecord) is { } record && record.Number == number)
            {
                return record;
            }
        }
        catch (JsonException error)
        {
            throw Unreadable(number, error);
        }
        throw Unreadable(number, null);
    }

    private static OutsideException Unreadable(int number, JsonException? error) => Refusals.Broken(
        "git.bad-record", "The repository remembers its pull requests.", $"an unreadable record of pull request {number}",
        $"Delete refs/maestro/pull/{number} and open it again.", error);
}

/// <summary>How a pull request stands.</summary>
internal enum PullState
{
    [JsonStringEnumMemberName("open")]
    Open,

    [JsonStringEnumMemberName("merged")]
    Merged,

    [JsonStringEnumMemberName("closed")]
    Closed,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PullRecord))]
internal sealed partial class PullRecordJson : JsonSerializerContext;
