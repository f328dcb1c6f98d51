# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line on a stopped and on a running line."""
import json

from case import test
from cast import caller, line_for, phone
from line import Line
from phone import Call, Phone


def people(line):
    return {p["name"]: p["on_duty"] for p in line.json("person", "list")}


@test()
def people_on_a_stopped_line(t):
    line = Line(t)
    line.person("Ana", f"sip:{t.number()}@127.0.0.1:5099")
    line.person("Bob", f"sip:{t.number()}@127.0.0.1:5099", on=False)
    t.equal(people(line), {"Ana": True, "Bob": False}, "people")
    line.command("person", "off", "Ana")
    line.command("person", "on", "Bob")
    t.equal(people(line), {"Ana": False, "Bob": True}, "people")
    line.command("person", "remove", "Bob")
    t.equal(people(line), {"Ana": False}, "people")
    line.command("person", "on", "Nobody", wanted=1)
    line.command("person", "add", "Ana", "--phone", "sip:x@127.0.0.1",
                 wanted=1)


@test()
def a_new_phone_on_a_running_line(t):
    """The next call goes to the new phone."""
    old, new = phone(t, name="old"), phone(t, name="new")
    line = line_for(t, old)
    line.command("person", "set", "Ana", "--phone", new.uri)
    one = caller(t, line)
    new.saw("ACK")
    one.go()
    one.done()
    new.done()
    t.equal(old.messages(), [], "messages to the old phone")


@test()
def removed_in_a_talk(t):
    """The talk goes on; nobody is rung any more."""
    ana = phone(t)
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("ACK")
    line.talking(1)
    line.command("person", "remove", "Ana")
    t.until(lambda: line.status()["on_duty"] == 0, "nobody is on duty")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked")


@test()
def who_has_no_phone(t):
    """Browser only, then with a phone, and without one again."""
    line = Line(t)

    def has_phone():
        return {p["name"]: p["has_phone"]
                for p in line.json("person", "list")}

    line.command("person", "add", "Ana")
    line.command("person", "add", "Bob", "--phone", "none")
    t.equal(has_phone(), {"Ana": False, "Bob": False}, "at first")
    line.command("person", "set", "Ana", "--phone", "sip:x@127.0.0.1:5099")
    t.equal(has_phone(), {"Ana": True, "Bob": False}, "Ana has one")
    line.command("person", "set", "Ana", "--phone", "none")
    t.equal(has_phone(), {"Ana": False, "Bob": False}, "as before")
    # nobody's page is open: on duty, but nobody who could be rung
    line.command("person", "on", "Ana")
    line.run()
    t.equal(line.status()["on_duty"], 0, "people who can be rung")


@test()
def wrap_up_of_one_person(t):
    """Ana is rung again only when her wrap-up has passed."""
    ana = phone(t, calls=2)
    line = line_for(t, ana)
    line.command("person", "set", "Ana", "--wrap-up", "2")
    for n in (1, 2):
        one = caller(t, line, name=f"caller{n}")
        ana.saw("ACK", n)
        one.go()
        one.done()
    ana.done()
    first_end = [m for m in ana.messages() if m.first.startswith("BYE")][0]
    second = ana.received("INVITE")[1]
    gap = second.at - first_end.at
    t.check(1.9 <= gap < 6, f"rung {gap:.1f} s after her talk")


@test()
def a_trunk_added_to_a_running_line(t):
    ana = phone(t)
    line = line_for(t, ana, trunk=False)
    line.command("trunk", "add", "office", "--from", "127.0.0.0/8")
    t.until(lambda: line.status()["trunks"] ==
            [{"name": "office", "state": "static",
              "certificate_refused": None}], "the trunk is there")
    one = caller(t, line)
    ana.saw("ACK")
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked")


@test()
def wrong_usage(t):
    """Exit code 2, a hint, and nothing changed."""
    line = Line(t)
    for argv in (("person", "add", "Ana", "--phone", "tel:+123"),
                 ("person", "add", "Ana", "--phone", "sip:@127.0.0.1"),
                 ("person", "add", "", "--phone", "sip:x@127.0.0.1"),
                 ("trunk", "add", "x", "--from", "300.1.1.1"),
                 ("trunk", "add", "x", "--from", "0.0.0.0/0"),
                 ("trunk", "add", "x"),
                 ("trunk", "add", "x", "--from", "10.1.1.1", "--to",
                  "sip:u@10.1.1.1"),
                 ("trunk", "add", "x", "--from", "10.1.1.1", "--to",
                  "10.1.1.1"),
                 ("person", "add", "Ana", "--phone", "sip:x@127.0.0.1",
                  "--languages", "xx"),
                 ("person", "add", "Ana", "--phone", "sip:x@127.0.0.1",
                  "--skills", "a,,b"),
                 ("person", "add", "Ana", "--phone", "sip:x@127.0.0.1",
                  "--wrap-up", "3601"),
                 ("trunk", "add", "x", "--register", "sip:x@127.0.0.1"),
                 ("call", "sip:x@127.0.0.1", "--keys", "1"),
                 ("call", "sip:x@127.0.0.1", "--keys", "3:1,2:1"),
                 ("call", "sip:x@127.0.0.1", "--dtmf", "1", "--keys", "1:1"),
                 ("calls", "--jsn"), ("promises", "--ll"), ("promise",),
                 ("promise", "ring"), ("promise", "ring", "x"), ("nonsense",), ("person", "fly")):
        done = line.command(*argv, wanted=None)
        t.equal(done.returncode, 2, f"exit code of {argv}")
        t.check(done.stderr.strip(), f"{argv}: nothing is said")
    t.equal(people(line), {}, "people")
    t.equal(len(line.json("trunk", "list")), 1, "trunks")


@test()
def listings_are_json(t):
    line = Line(t)
    for argv in (("status",), ("calls",), ("promises",),
                 ("person", "list"), ("trunk", "list")):
        json.loads(line.command(*argv, "--json"))
    t.equal(line.status()["state"], "stopped", "state")
    line.run()
    t.equal(line.status()["state"], "open", "state")
    t.equal(sorted(line.processes()),
            ["ringback", "ringback-line", "ringback-media", "ringback-web"],
            "processes")


@test()
def waiting_for_a_line_that_never_opens(t):
    line = Line(t)
    line.command("status", "--wait", "1", wanted=1)


@test()
def what_people_can(t):
    """Checked against the lines; what is not given stays."""
    line = Line(t)
    line.options(languages=["es", "en"])
    phone_of = f"sip:{t.number()}@127.0.0.1:5099"

    def can(name):
        return next((p["languages"], p["skills"], p["organisation"],
                     p["region"]) for p in line.json("person", "list")
                    if p["name"] == name)

    line.person("Ana", phone_of)
    t.equal(can("Ana"), (["es"], [], None, None), "Ana, as she was added")
    line.person("Bob", phone_of, "--languages", "en, es", "--organisation",
                "North", "--region", "East")
    t.equal(can("Bob"), (["en", "es"], [], "North", "East"), "Bob")
    line.command("person", "set", "Bob", "--region", "none",
                 "--wrap-up", "5")
    t.equal(can("Bob"), (["en", "es"], [], "North", None), "Bob, changed")

    done = line.command("person", "set", "Ana", "--languages", "en,fr",
                        wanted=None)
    t.equal(done.returncode, 2, "exit code for a language nobody asks for")
    t.check('"fr"' in done.stderr and "es, en" in done.stderr, done.stderr)
    done = line.command("person", "set", "Ana", "--skills", "legal",
                        wanted=None)
    t.equal(done.returncode, 0, "exit code for a skill nobody asks for")
    t.check("warning" in done.stderr and '"legal"' in done.stderr,
            done.stderr)
    t.equal(can("Ana"), (["es"], ["legal"], None, None), "Ana, changed")


@test()
def a_line_without_its_keeper(t):
    line = line_for(t)
    t.equal(line.status()["keeper"], True, "a keeper runs")
    line.keeper.kill()
    line.keeper.wait()
    t.equal(line.status()["keeper"], False, "a keeper runs")
    t.check("No keeper runs" in line.command("status"), "it is said")


@test()
def trunks_that_dial_out(t):
    line = Line(t, trunk=False)
    secret = t.path("secret")
    with open(secret, "w", encoding="ascii") as f:
        f.write(t.plant("correct horse") + "\n")
    line.command("trunk", "add", "in", "--from", "192.0.2.0/24")
    line.command("trunk", "add", "both", "--from", "192.0.2.9",
                 "--to", "sip:192.0.2.9:5070")
    line.command("trunk", "add", "account", "--register",
                 f"sip:{t.number()}@192.0.2.7", "--secret-file", secret)
    t.equal({k["name"]: (k["dials_out"], k["to"])
             for k in line.json("trunk", "list")},
            {"in": (False, None), "both": (True, "192.0.2.9:5070"),
             "account": (True, "192.0.2.7")}, "ways out")


class Direct:
    """A phone at the place of a line."""

    def __init__(self, one):
        self.address = one.uri.partition("@")[2]


@test()
def phones_that_press_keys(t):
    """Each says how many keys it pressed, none which."""
    ana = Phone(t, "ana", keys="0.2:" + t.plant("8642097531"), calls=1,
                show_caller=True)
    one = Call(t, "caller", Direct(ana), keys="0:1,0.5:" +
               t.plant("9753108642") + "#", seconds=8)
    one.done()
    ana.done()
    t.check("Pressed 12 of 12 keys." in one.words(), one.words())
    t.check("Pressed 10 of 10 keys." in ana.words(), ana.words())
    t.check(f'Shown: display "", user "{one.user}", asserted ""'
            in ana.words(), "the caller is not shown")
    for words in (one.words(), ana.words()):
        t.check("86420" not in words and "97531" not in words,
                "a key is shown")
    # what is not asked for is not shown
    bob = Phone(t, "bob", calls=1)
    two = Call(t, "second", Direct(bob), seconds=1).done()
    bob.done()
    t.check(two.user not in bob.words(), "the caller is shown unasked")


@test()
def a_recording_that_cannot_be_written(t):
    """Said before anybody is rung."""
    ana = Phone(t, "ana")
    one = Call(t, "caller", Direct(ana),
               record=t.path("nowhere", "heard.wav"), seconds=5)
    one.done(1)
    t.check("No such file or directory" in one.words(), one.words())
    t.check("It rings" not in ana.words(), "the phone rang")


@test()
def hundreds_of_people(t):
    """More than one message between processes can hold."""
    line = line_for(t)
    for n in range(60):
        line.command("person", "add", f"Person {n}", "--phone",
                     f"sip:p{n}@127.0.0.1:9", "--on")
    t.until(lambda: line.status()["on_duty"] == 60, "60 on duty")
