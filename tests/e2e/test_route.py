# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where calls would go: ringback route and ringback coverage, on real data
folders; no line runs."""
import datetime
import json
import random
import zoneinfo

from case import test
from line import Line

ZONE = "Europe/Berlin"

# a hole each night and in the whole of Arabic: no messages, nothing can dial
HOLED = """
line "day" {
    languages = {"en", "ar"}
    hours = {"Mon-Fri 08:00-20:00", "Sat 09:00-21:30"}
    messages = no
}
"""

WHOLE = """
line "main" { languages = {"en", "es"} }
line "inside" { kind = "detention" accept_key = "5" }
line "night" { kind = "after_hours" hours = {"Mon-Fri 09:00-17:00"} }
"""


def folder(t, lines, name="line", **options):
    """A data folder with these lines, and a trunk that cannot dial."""
    line = Line(t, name=name)
    line.options(timezone=ZONE, **options)
    with open(line.config, encoding="utf-8") as f:
        text = f.read()
    with open(line.config, "w", encoding="utf-8") as f:
        f.write(text[:text.index('line "')] + lines)
    return line


def people(t, line, spoken="en"):
    """Three on duty; Ana speaks more than English if the lines do."""
    for name, options in (("Ana", ["--languages", spoken,
                                   "--organisation", "Oak"]),
                          ("Bob", ["--languages", "en",
                                   "--region", "North"]),
                          ("Cem", ["--languages", "en"])):
        line.person(name, f"sip:{t.number()}@127.0.0.1:5099", *options)


def coverage(line, *options, wanted):
    done = line.command("coverage", *options, wanted=None)
    line.case.equal(done.returncode, wanted, "exit code of coverage")
    line.case.equal(done.stderr, "", "complaints")
    return done.stdout


def route(line, *options):
    return line.json("route", *options)


@test()
def no_hole(t):
    """Messages everywhere: proved, in words and in JSON, with exit code 0."""
    line = folder(t, WHOLE)
    people(t, line, "en,es")
    said = coverage(line, wanted=0)
    t.check("No holes" in said, said)
    t.check("3 lines, 4 languages" in said, said)
    proof = json.loads(coverage(line, "--weeks", "2", "--json", wanted=0))
    t.equal(proof["holes"], [], "holes")
    t.equal(proof["lines"], 3, "lines")
    t.equal(proof["person_minutes"] + proof["promise_minutes"],
            4 * 2 * 7 * 24 * 60, "minutes")
    # the after-hours line rings nobody, the others somebody
    t.equal(proof["promise_minutes"], 2 * 7 * 24 * 60, "promises")


@test()
def a_planted_hole(t):
    line = folder(t, HOLED)
    people(t, line)
    said = coverage(line, "--weeks", "1", wanted=3)
    t.check('Line "day" in ar' in said and "what to do:" in said, said)
    t.check("messages = yes" in said, said)
    t.check("speaks ar" in said, said)
    found = json.loads(coverage(line, "--weeks", "1", "--json", wanted=3))
    arabic = [h for h in found["holes"] if h["language"] == "ar"]
    t.equal(len(arabic), 1, "holes in Arabic, that are one")
    t.equal((arabic[0]["from"], arabic[0]["until"]),
            (found["from"], found["until"]), "the whole week")
    english = [h for h in found["holes"] if h["language"] == "en"]
    # five nights, one weekend; cut in two where the week begins and ends
    t.check(6 <= len(english) <= 7, f"{len(english)} holes in English")
    for hole in english:
        t.check(hole["why"].startswith("the line is closed"), hole["why"])


@test()
def holes_that_are_closed(t):
    """By a trunk that can dial, by messages, each alone."""
    line = folder(t, HOLED)
    people(t, line)
    coverage(line, wanted=3)
    line.command("trunk", "add", "out", "--from", "192.0.2.1",
                 "--to", "sip:192.0.2.1")
    coverage(line, wanted=0)
    line.command("trunk", "remove", "out")
    coverage(line, wanted=3)
    line.options(messages="yes")
    coverage(line, wanted=0)


@test()
def nobody_on_duty(t):
    """Duty decides: route and coverage see it at once."""
    line = folder(t, WHOLE)
    people(t, line, "en,es")
    for name in ("Ana", "Bob", "Cem"):
        t.equal(route(line)["ends"], "person", f"before {name} goes")
        line.command("person", "off", name)
    got = route(line)
    t.equal(got["ends"], "promise", "nobody on duty")
    t.equal(got["rung"], [], "rung")
    t.check(any("Nobody is rung" in s for s in got["steps"]), got["steps"])
    proof = json.loads(coverage(line, "--json", wanted=0))
    t.equal(proof["person_minutes"], 0, "minutes with somebody")


@test()
def circles(t):
    """Own organisation, region, everybody; names, and no telephone."""
    line = folder(t, """
        line "main" { organisation = "Oak" region = "North" }
    """, strategy="tiers", tier_seconds=20)
    people(t, line)
    got = route(line)
    t.equal([r["person"] for r in got["rung"]], ["Ana", "Bob", "Cem"],
            "who is rung")
    for ring, wanted in zip(got["rung"], (0, 20, 40)):
        t.check(abs(ring["after_ms"] - wanted * 1000) <= 1500, got["rung"])
    said = line.command("route")
    t.check("Ana; after 20 s Bob; after 40 s Cem" in said, said)
    t.check("no trunk can dial" in said, said)


@test()
def opening_hours(t):
    """Closed: who calls is promised something, due when it opens."""
    line = folder(t, """
        line "main" {
            languages = {"en", "es"}
            hours = {"Mon-Fri 09:00-17:00"}
            promise_minutes = 60
        }
    """)
    people(t, line, "en,es")
    got = route(line, "--at", "2027-03-28 02:30")  # left out: clocks change
    t.equal(got["at"], "2027-03-28T01:00:00Z", "the first moment after it")
    t.check(not got["open"], "open")
    t.equal(got["opens_at"], "2027-03-29T07:00:00Z", "opens, summer time")
    t.equal(got["message"]["due_at"], "2027-03-29T08:00:00Z", "due")
    t.equal(got["ends"], "promise", "end")
    got = route(line, "--lang", "es", "--at", "Mon 09:00")
    t.check(got["open"], "open")
    t.equal((got["key"], [r["person"] for r in got["rung"]]), (2, ["Ana"]),
            "key, and who is rung")


@test()
def wrong_usage(t):
    line = folder(t, WHOLE)
    for argv, wanted, said in (
            (["route", "--line", "nix"], 1, '"main"'),
            (["route", "--lang", "xx"], 1, "it speaks en, es"),
            (["route", "--at", "soon"], 2, "Sun 03:00"),
            (["coverage", "--weeks", "0"], 2, "--weeks"),
            (["coverage", "more"], 2, "usage")):
        done = line.command(*argv, wanted=None)
        t.equal(done.returncode, wanted, f"exit code of {argv}")
        t.equal(done.stdout, "", f"output of {argv}")
        t.check(said in done.stderr, done.stderr)
    line.options(timezone="Europe/Nowhere")
    done = line.command("route", wanted=None)
    t.equal(done.returncode, 1, "exit code")
    t.check("ringback.conf:" in done.stderr, done.stderr)
    t.check("exits" in line.command("coverage", "--help"), "help")


def any_house(t, n, chance):
    """A data folder drawn at random."""
    hours = ['"Mon-Fri 09:00-17:00"', '"Sat,Sun 22:00-02:00"',
             '"daily 06:00-23:30"']
    # what people may speak and be able to do is what a line asks for
    lines = 'line "first" { languages = {"en", "es"} skills = {"legal"} }'
    for i in range(chance.randint(1, 3)):
        kind = chance.choice(["ordinary", "detention", "after_hours"])
        spoken = chance.sample(["en", "es", "ar"],
                               1 if kind == "detention" else 2)
        languages = ", ".join(f'"{x}"' for x in spoken)
        skills = '"legal"' if chance.random() < 0.3 else ""
        lines += f"""
            line "l{i}" {{
                kind = "{kind}"
                languages = {{{languages}}}
                skills = {{{skills}}}
                hours = {{{", ".join(chance.sample(hours,
                                                   chance.randint(0, 2)))}}}
                messages = {chance.choice(["yes", "no", "no"])}
                ring_back = {"no" if kind == "detention" else
                             chance.choice(["yes", "no"])}
            }}
        """
    line = folder(t, lines, name=f"house{n}",
                  strategy=chance.choice(["all", "longest_idle",
                                          "round_robin", "tiers"]))
    if chance.random() < 0.3:
        line.command("trunk", "add", "out", "--from", "192.0.2.1",
                     "--to", "sip:192.0.2.1")
    for name in ("Ana", "Bob"):
        line.person(name, f"sip:{t.number()}@127.0.0.1:5099",
                    "--languages", chance.choice(["en", "es", "en,es"]),
                    *(["--skills", "legal"] if chance.random() < 0.5
                      else []), on=chance.random() < 0.7)
    return line


def at_random(chance, first, last):
    minutes = int((last - first).total_seconds()) // 60
    return first + datetime.timedelta(minutes=chance.randrange(minutes))


@test(seconds=120)
def route_and_coverage_agree(t):
    """At random minutes of random houses, route ends in nothing exactly
    where coverage has a hole."""
    chance = random.Random(3)
    zone = zoneinfo.ZoneInfo(ZONE)
    ends = {"person": 0, "promise": 0, "hole": 0}
    for n in range(6):
        line = any_house(t, n, chance)
        done = line.command("coverage", "--json", wanted=None)
        found = json.loads(done.stdout)
        t.equal(done.returncode, 3 if found["holes"] else 0, "exit code")
        first, last = (datetime.datetime.fromisoformat(
            found[x].replace("Z", "+00:00")) for x in ("from", "until"))
        pairs = sorted({(x["line"], x["language"]) for x in found["holes"]})
        for _ in range(25):
            options = []
            if pairs and chance.random() < 0.5:
                name, language = chance.choice(pairs)
                options = ["--line", name, "--lang", language]
            at = at_random(chance, first, last)
            local = at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            got = route(line, *options, "--at", local)
            hole = any(h["line"] == got["line"] and
                       h["language"] == got["language"] and
                       h["from"] <= got["at"] < h["until"]
                       for h in found["holes"])
            t.equal(got["ends"] == "hole", hole,
                    f"hole on {got['line']} at {local}")
            t.equal(bool(got["rung"]), got["ends"] == "person", "rings")
            ends[got["ends"]] += 1
    t.check(all(n >= 5 for n in ends.values()), f"drew only {ends}")
