using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Native.Object;
using Jint.Runtime;

namespace Maestro.Policies;

/// <summary>Runs one policy in an engine of its own, which is thrown away afterwards.</summary>
internal sealed class PolicySandbox(PolicyLimits limits)
{
    private const int MostFindings = 300;
    private const int LongestMessage = 2000;

    private static readonly Lazy<PolicyAnswer> Warm = new(() =>
        new PolicySandbox(PolicyLimits.Default with { Time = TimeSpan.FromSeconds(10) }).Run(
            "function judge(facts) { return facts.list.filter(one => one > 1).map(one => ({ message: 'm' + one, blocks: false })); }",
                """{"list":[1,2]}"""));

    /// <summary>What a script may name. Clocks, chance, BigInt's slow arithmetic, raw memory and proxies are not among it.</summary>
    private static readonly ImmutableHashSet<string> Globals =
    [
        "Object", "Array", "String", "Number", "Boolean", "Symbol", "Map", "Set", "RegExp", "Math", "Function",
        "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError",
        "undefined", "NaN", "Infinity", "isNaN", "isFinite", "parseInt", "parseFloat", "globalThis",
    ];

    /// <summary>
    /// The engine looks at its limits between statements. What could fill the memory within a single call is therefore taken away,
    /// or written again in statements.
    /// </summary>
    private const string Prelude = """
        (function () {
          const limit = 1000000;
          const bounded = (object, name, length) => {
            const original = object[name];
            Object.defineProperty(object, name, { value: function (...given) {
              if (length(this, given) > limit) { throw new RangeError("The text would be too long."); }
              return original.apply(this, given);
            } });
          };
          const size = value => typeof value === "string" ? value.length : 1000;
          const written = (self, [, by]) => (size(self) + 1) * (typeof by === "function" ? 1 : size(by) + 1);
          bounded(String.prototype, "repeat", (self, [count]) => size(self) * count);
          bounded(String.prototype, "padStart", (self, [length]) => length);
          bounded(String.prototype, "padEnd", (self, [length]) => length);
          bounded(String.prototype, "replace", written);
          bounded(String.prototype, "replaceAll", written);
          Object.defineProperty(Array.prototype, "join", { value: function (separator) {
            let text = "";
            for (let index = 0; index < this.length; index++) {
              const item = this[index];
              text += index === 0 ? "" : separator === undefined ? "," : separator;
              text += item === undefined || item === null ? "" : item;
            }
            return text;
          } });
          for (const [object, name] of [[String, "raw"], [String.prototype, "concat"], [String.prototype, "normalize"],
              [Array.prototype, "toLocaleString"], [Array.prototype, "flat"], [Function.prototype, "bind"]]) {
            delete object[name];
          }
        })();
        """;

    /// <summary>Runs the function <c>judge</c> of the script on these facts.</summary>
    public PolicyAnswer Run(string text, string facts)
    {
        try
        {
            using var engine = new Engine(Limit);
            engine.Execute(Prelude);
            var parsed = new JsonParser(engine).Parse(facts);
            if (limits.Bare)
            {
                Strip(engine);
            }
            engine.Execute(text);
            return Read(engine.Invoke("judge", parsed));
        }
        catch (JavaScriptException)
        {
            // Its message may be made by the script, or from the change: the kind says enough.
            return PolicyAnswer.None("it threw an error");
        }
        catch (Exception refused) when (refused is ScriptPreparationException or InvalidOperationException)
        {
            // The second is how modules are refused.
            return PolicyAnswer.None("it is not a script");
        }
        catch (Exception refused) when (refused is TimeoutException or RegexMatchTimeoutException or StatementsCountOverflowException)
        {
            return PolicyAnswer.None("it did not come to an end", refused is TimeoutException);
        }
        catch (Exception refused) when (refused is MemoryLimitExceededException or OutOfMemoryException)
        {
            return PolicyAnswer.None("it used too much memory");
        }
        catch (Exception refused) when (refused is RecursionDepthOverflowException or InsufficientExecutionStackException)
        {
            return PolicyAnswer.None("it called itself too deeply");
        }
    }

    /// <summary>Lets the engine be compiled once, so that this does not count as time of the first policy.</summary>
    public static void WarmUp() => _ = Warm.Value;

    private void Limit(Options options)
    {
        options.Strict();
        options.TimeoutInterval(limits.Time);
        options.RegexTimeoutInterval(limits.Time);
        options.LimitMemory(limits.Memory);
        options.MaxStatements(limits.Statements);
        options.LimitRecursion(limits.Recursion);
        options.MaxArraySize((uint)limits.Items);
        options.AgentCanSuspend = false;
        if (limits.Bare)
        {
            options.DisableStringCompilation();
        }
    }

    private static void Strip(Engine engine)
    {
        engine.Execute("delete Math.random;");
        foreach (var key in engine.Global.GetOwnPropertyKeys().Where(key => !Globals.Contains(key.ToString())))
        {
            engine.Global.Delete(key);
        }
    }

    // Own plain properties only: a getter would run code of the policy outside its limits.
    private static PolicyAnswer Read(JsValue answer)
    {
        if (answer is not JsArray found)
        {
            return PolicyAnswer.None("it answered with something that is no list");
        }
        if (found.Length > MostFindings)
        {
            return PolicyAnswer.None($"it found more than {MostFindings} things");
        }
        var read = ImmutableArray.CreateBuilder<(string, bool)>();
        for (var index = 0; index < found.Length; index++)
        {
            if (Own(found, index.ToString(CultureInfo.InvariantCulture)) is not ObjectInstance item
                || Own(item, "message") is not JsString { Length: > 0 and <= LongestMessage } message
                || Own(item, "blocks") is not JsBoolean blocks)
            {
                return PolicyAnswer.None("it answered with a list of something else than messages");
            }
            read.Add((message.ToString(), blocks == JsBoolean.True));
        }
        return new PolicyAnswer(read.ToImmutable());
    }

    private static JsValue? Own(ObjectInstance item, string name)
    {
        var property = item.GetOwnProperty(name);
        return property.IsDataDescriptor() ? property.Value : null;
    }
}

/// <summary>What one run came to.</summary>
/// <param name="Failure">Why there is no answer; null where there is one.</param>
/// <param name="Late">It ran out of time, which on a busy machine may be nobody's fault.</param>
internal sealed record PolicyAnswer(ImmutableArray<(string Message, bool Blocks)> Found, string? Failure = null, bool Late = false)
{
    public static PolicyAnswer None(string failure, bool late = false) => new([], failure, late);
}
