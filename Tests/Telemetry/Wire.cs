using System.Buffers.Binary;
using System.Text;

namespace Maestro.Telemetry;

/// <summary>One field of a protobuf message, as it is on the wire.</summary>
internal readonly record struct WireField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    /// <summary>The fields of a message, in order.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static IEnumerable<WireField> Read(ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
        {
            var tag = Number64(ref message);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return new(number, Number64(ref message), default);
                    break;
                case 1:
                    yield return new(number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span), default);
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Number64(ref message);
                    yield return new(number, 0, message[..length]);
                    message = message[length..];
                    break;
                case 5:
                    yield return new(number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span), default);
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} is not known.");
            }
        }
    }

    /// <summary>The fields of this number of all these messages.</summary>
    public static IEnumerable<WireField> Inner(IEnumerable<WireField> messages, int number) =>
        messages.SelectMany(message => Read(message.Bytes)).Where(field => field.Number == number);

    private static ulong Number64(ref ReadOnlyMemory<byte> message)
    {
        var (value, shift) = (0ul, 0);
        byte next;
        do
        {
            next = message.Span[0];
            message = message[1..];
            value |= (ulong)(next & 0x7f) << shift;
            shift += 7;
        }
        while ((next & 0x80) != 0);
        return value;
    }
}

/// <summary>A span as a collector sees it.</summary>
internal sealed record WireSpan(
    string Scope, string Trace, string Id, string Parent, string Name, ulong From, ulong To, IReadOnlyDictionary<string, string> Tags, int Links)
{
    /// <summary>The spans of one ExportTraceServiceRequest of OTLP 1.</summary>
    public static IEnumerable<WireSpan> Of(ReadOnlyMemory<byte> request) =>
        WireField.Inner(WireField.Read(request).Where(field => field.Number == 1), 2).SelectMany(scoped =>
        {
            var fields = WireField.Read(scoped.Bytes).ToList();
            var scope = WireField.Inner(fields.Where(field => field.Number == 1), 1).FirstOrDefault().Text;
            return fields.Where(field => field.Number == 2).Select(span => Of(scope, [.. WireField.Read(span.Bytes)]));
        });

    private static string Shown(WireField value) => value.Bytes.IsEmpty ? $"{value.Value}" : value.Text;

    private static WireSpan Of(string scope, List<WireField> span)
    {
        WireField One(int number) => span.FirstOrDefault(field => field.Number == number);
        return new(
            scope, One(1).Hex, One(2).Hex, One(4).Hex, One(5).Text, One(7).Value, One(8).Value,
            span.Where(field => field.Number == 9).Select(tag => WireField.Read(tag.Bytes).ToList())
                .ToDictionary(tag => tag[0].Text, tag => Shown(WireField.Read(tag[1].Bytes).First())),
            span.Count(field => field.Number == 13));
    }
}
