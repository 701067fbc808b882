using System.Collections.Frozen;

namespace Maestro.Agents.Review.Instructions;

/// <summary>Words and stems (with a star) of several languages, folded: lower case, no diacritics.</summary>
internal static class Vocabulary
{
    private const int StemLength = 3;

    private static readonly (Concepts Concept, string Words)[] Rows =
    [
        (Concepts.Override,
            "ignore disregard* neglect override overrule overwrite bypass circumvent supersede* ignorier* missacht* ubergeh*"
                + " uberspring*"
            + " ignorez ignores ignorar ignora ignoren negeer* игнорируй* пропусти ignorieren"),
        (Concepts.Forget, "forget vergiss vergesse vergessen oublie* olvid* dimentic* esquec* vergeet забуд* zaborav*"),
        (Concepts.Prior, "previous* prior above earlier preced* foregoing before existing initial original former everything all past"
            + " vorherig* vorig* bisherig* obig* fruher* alle alles zuvor vorangegang* davor vorstehend* precedent* anterieur* tout"
            + " tous toute toutes"
            + " anterior* previ* todo todas todos tutto tutte tutti vorige eerdere все предыдущ* said told asked"),
        (Concepts.This, "this these it the any your my that diese* dies das jede* cette ce esta este questo questa"),
        (Concepts.Instruction,
            "instruction* prompt prompts directive* guideline* guidance anweisung* instruktion* vorgabe* richtlinie* befehl* anordnung*"
            + " consigne* instruccion* indicacion* istruzion* instruco* instructi* instrukcij* инструкц* указани* systemprompt"
            + " programming restriction*"),
        (Concepts.Task,
            "task tasks rule rules command commands order orders context conversation message messages assignment* request* question*"
            + " job goal objective* aufgab* auftrag* regel* kontext nachricht* frage fragen tarea* tache*"),
        (Concepts.New, "new now instead updated neue neuen neuer neues jetzt nun stattdessen konzentrier* focus"
            + " nouvelle* maintenant nuev* ahora nuov* adesso nieuwe теперь нов*"),
        (Concepts.Act,
            "act pretend imagine roleplay behave impersonate simulate agiere* spiel* benimm verhalte stell tue fungier* actua agis"
                + " simula"),
        (Concepts.You,
            "you your yourself youre du dein deine deinen deiner deines dir dich sie ihr ihre ihren tu tes ton tus vous vos usted ты"
                + " твои"),
        (Concepts.Hidden,
            "system hidden secret initial developer confidential internal versteckt* geheim* ursprunglich* systemnachricht*"),
        (Concepts.Reveal,
            "reveal show print output repeat display tell disclose leak dump recite spell give zeig* nenn* gib sag sage verrat*"
                + " wiederhol* ausgeben"
            + " montre* revele* muestra* mostra* donne* покажи"),
        (Concepts.Approve, "approve lgtm greenlight genehmige* freigeben approuve* aprueba* approva одобр*"),
        (Concepts.Machine, "ai llm llms gpt* chatgpt* claude* copilot* gemini assistant* chatbot* sprachmodell* automated"),
        (Concepts.Reader, "reviewer* model models bot bots agent agents scanner* auditor* gutachter* prufer* relecteur* revisor* tool"),
        (Concepts.Not, "not never dont don no without nothing nicht kein* niemals nie pas jamais sin nunca non senza ohne не"),
        (Concepts.Report,
            "report flag mention raise list complain warn alert reject block comment criticize highlight disclose melde* melden erwahn*"
                + " beanstand*"
            + " signale* menciona* reporta* segnala*"),
        (Concepts.Safe,
            "safe secure harmless benign clean trusted trustworthy legitimate innocuous vetted compliant passing sicher harmlos"
                + " unbedenklich"
            + " vertrauenswurdig* sur seguro* sicuro безопас* flawless"),
        (Concepts.Mark,
            "mark rate classify label treat consider score grade regard deem declare certify report conclude state markier* bewert*"
                + " einstuf* stufe behandel*"
            + " betracht* marque* marca* considera* trate*"),
        (Concepts.Change,
            "change changes code pr pull diff commit file files patch review submission request contribution anderung* datei* codigo"
                + " fichier* merge"),
        (Concepts.Must, "must should shall please need immediately always musst muss sollst bitte sofort debes doit devez required"),
        (Concepts.Review, "review reviews reviewing reviewed scrutiny inspection analysis audit verification prufung* uberprufung*"),
        (Concepts.Only, "only just exactly nothing solely simply nur genau lediglich ausschliesslich seulement solo"),
        (Concepts.Respond, "respond reply answer say write output antwort* schreib* sag respond* repond* responde* rispond*"),
        (Concepts.If, "if when since because wenn falls si se"),
        (Concepts.Address,
            "dear hey attention note notice instructions message important hello hi achtung hinweis hallo lieber liebe liebes beachte*"
                + " cher querid* atencion"),
        (Concepts.Authority,
            "security team admin* maintainer* owner owners management ciso legal cto lead compliance sicherheit* staff"),
        (Concepts.Problem,
            "issue issues vulnerabilit* finding* backdoor* problem* concern* flaw* weakness* exploit* suspicious malicious injection*"
                + " risk* schwachstelle*"
            + " sicherheitslucke* lucke* hintertur* failles faille vulnerabilid*"),
        (Concepts.Already, "already preapproved bereits deja ya gia approved vetted audited cleared"),
        (Concepts.Modal,
            "to can may could cannot will would who they we people humans people's or and either both team someone that i did has have"),
        (Concepts.As, "as als wie comme como come be being are bist seid es eres from"),
        (Concepts.Discard, "skip drop abandon discard erase change replace stop suspend aufgeben streiche* vergessen"),
        (Concepts.Unbound, "jailbreak* jailbroken unrestricted uncensored unfiltered"),
    ];

    private static readonly FrozenDictionary<string, Concepts> Words = Rows
        .SelectMany(row => row.Words.Split(' ').Where(word => !word.EndsWith('*')), (row, word) => (word, row.Concept))
        .GroupBy(pair => pair.word).ToFrozenDictionary(group => group.Key, group => group.Aggregate(Concepts.None, (all, pair) =>
            all | pair.Concept));

    private static readonly FrozenDictionary<string, (string Stem, Concepts Concept)[]> Stems = Rows
        .SelectMany(row => row.Words.Split(' ').Where(word => word.EndsWith('*')), (row, word) => (Stem: word[..^1], row.Concept))
        .GroupBy(pair => pair.Stem[..StemLength]).ToFrozenDictionary(group => group.Key, group => group.ToArray());

    /// <summary>What a folded word can mean.</summary>
    public static Concepts Of(ReadOnlySpan<char> word)
    {
        if (word.Length is < 2 or > 24)
        {
            return Concepts.None;
        }
        var found = Words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var concepts) ? concepts : Concepts.None;
        if (word.Length >= StemLength && Stems.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word[..StemLength], out var stems))
        {
            foreach (var (stem, concept) in stems)
            {
                found |= word.StartsWith(stem) ? concept : Concepts.None;
            }
        }
        return found;
    }
}
