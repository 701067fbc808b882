using System.Collections.Frozen;

namespace Maestro.Agents.Review;

/// <summary>Tells the language of a file from its name, else from its first line.</summary>
public static class LanguageOfFile
{
    private static readonly FrozenDictionary<string, Languages> ByExtension = Table(
        (Languages.CSharp, "cs csx cshtml razor"),
        (Languages.JavaScript, "js jsx mjs cjs ts tsx mts cts vue svelte astro"),
        (Languages.Python, "py pyw pyi ipynb"),
        (Languages.Go, "go"),
        (Languages.Java, "java kt kts scala groovy gradle jsp"),
        (Languages.Ruby, "rb rake gemspec ru erb"),
        (Languages.Php, "php phtml php5 phar inc"),
        (Languages.Shell, "sh bash zsh ksh dash fish bats command"),
        (Languages.PowerShell, "ps1 psm1 psd1 bat cmd"),
        (Languages.Dockerfile, "dockerfile containerfile"),
        (Languages.Makefile, "mk make mak"),
        (Languages.Yaml, "yaml yml"),
        (Languages.Json, "json jsonc json5 webmanifest"),
        (Languages.Xml, "xml xaml csproj fsproj vbproj props targets nuspec resx config svg plist xsd xsl xslt html htm slnx"),
        (Languages.Sql, "sql psql ddl"),
        (Languages.Settings,
            "toml ini cfg conf env properties editorconfig gitignore dockerignore gitattributes gitmodules npmrc tf tfvars hcl"
            + " lock sum mod sln service timer desktop crontab nix bicep"),
        (Languages.OtherCode,
            "c h cc cpp cxx hpp hh hxx ino m mm rs swift lua pl pm r jl dart ex exs erl hrl hs ml mli fs fsx fsi vb s asm sol zig nim"
            + " clj cljs proto graphql gql css scss sass less cu wat v vhd tcl el awk sed rego cue"),
        (Languages.Prose, "md markdown mdx txt rst adoc asciidoc org tex log csv tsv po pot srt"));

    private static readonly FrozenDictionary<string, Languages> ByName = Table(
        (Languages.Dockerfile, "dockerfile containerfile"),
        (Languages.Makefile, "makefile gnumakefile justfile"),
        (Languages.Ruby, "gemfile rakefile vagrantfile podfile brewfile"),
        (Languages.Java, "jenkinsfile"),
        (Languages.Settings, "procfile codeowners go.mod go.sum crontab"),
        (Languages.Prose, "license licence copying notice authors contributors readme changelog"));

    private static readonly FrozenSet<string> Programs = Set(
        "exe dll so dylib a lib o obj jar war ear class wasm pyc pyo node msi apk ipa deb rpm pkg bin com scr elf ko sys dmg iso img"
            + " whl egg nupkg swf");

    /// <summary>The language by name; by the interpreter of the first line where the name says nothing.</summary>
    public static Languages Of(string path, string firstLine)
    {
        var name = path[(path.LastIndexOf('/') + 1)..].ToLowerInvariant();
        if (ByName.TryGetValue(name, out var language) || name.StartsWith("dockerfile.", StringComparison.Ordinal)
            && Found(Languages.Dockerfile, out language))
        {
            return language;
        }
        var dot = name.LastIndexOf('.');
        if (dot >= 0 && ByExtension.TryGetValue(name[(dot + 1)..], out language))
        {
            return language;
        }
        return ByInterpreter(firstLine);
    }

    /// <summary>The name is that of a compiled program or package, which no rule can read.</summary>
    public static bool IsProgram(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot >= 0 && Programs.Contains(path[(dot + 1)..].ToLowerInvariant());
    }

    /// <summary>The path is one of tests by the usual conventions.</summary>
    public static bool IsTest(string path)
    {
        var lower = "/" + path.ToLowerInvariant();
        var name = lower[(lower.LastIndexOf('/') + 1)..];
        return lower.Contains("/test/", StringComparison.Ordinal) || lower.Contains("/tests/", StringComparison.Ordinal)
            || lower.Contains("/__tests__/", StringComparison.Ordinal) || lower.Contains("/spec/", StringComparison.Ordinal)
            || name.StartsWith("test_", StringComparison.Ordinal) || name.Contains("_test.", StringComparison.Ordinal)
            || name.Contains(".test.", StringComparison.Ordinal) || name.Contains(".spec.", StringComparison.Ordinal)
            || name.Contains("_spec.", StringComparison.Ordinal) || name.EndsWith("tests.cs", StringComparison.Ordinal)
            || name.EndsWith("test.cs", StringComparison.Ordinal) || name.EndsWith("test.java", StringComparison.Ordinal);
    }

    private static Languages ByInterpreter(string line) => !line.StartsWith("#!", StringComparison.Ordinal) ? Languages.Unknown
        : line.Contains("python", StringComparison.Ordinal) ? Languages.Python
        : line.Contains("node", StringComparison.Ordinal) || line.Contains("deno", StringComparison.Ordinal) ? Languages.JavaScript
        : line.Contains("ruby", StringComparison.Ordinal) ? Languages.Ruby
        : line.Contains("php", StringComparison.Ordinal) ? Languages.Php
        : line.Contains("pwsh", StringComparison.Ordinal) ? Languages.PowerShell
        : line.Contains("sh", StringComparison.Ordinal) ? Languages.Shell
        : Languages.Unknown;

    private static bool Found(Languages value, out Languages language)
    {
        language = value;
        return true;
    }

    private static FrozenDictionary<string, Languages> Table(params (Languages Language, string Names)[] rows) => rows
        .SelectMany(row => row.Names.Split(' '), (row, name) => KeyValuePair.Create(name, row.Language))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
