using Microsoft.AspNetCore.Http;

namespace Maestro.Inbox;

/// <summary>Reads a body whole, and never more of it than allowed.</summary>
internal static class BodyReader
{
    private const int Unannounced = 8 << 10;

    // More is not set aside on the sender's word.
    private const int Believed = 64 << 10;

    /// <summary>The body; null where it is too long, announced or not.</summary>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, int most)
    {
        if (request.ContentLength > most)
        {
            return null;
        }
        // One byte more than announced, so that the end is seen without growing.
        var buffer = new byte[(int)Math.Min(request.ContentLength ?? Unannounced, Believed) + 1];
        var filled = 0;
        int read;
        while ((read = await request.Body.ReadAsync(buffer.AsMemory(filled), request.HttpContext.RequestAborted)) > 0)
        {
            filled += read;
            if (filled > most)
            {
                return null;
            }
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, most + 1));
            }
        }
        Array.Resize(ref buffer, filled);
        return buffer;
    }
}
