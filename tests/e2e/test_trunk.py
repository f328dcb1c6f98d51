# SPDX-License-Identifier: AGPL-3.0-or-later
"""Trunks: a provider (Kamailio) with whom the line registers."""
import os
import sqlite3
import time

from baresip import Baresip
from case import test
from cast import answers, caller, connects, line_for, phone
from kamailio import Kamailio
from line import Line
from sip import Raw
from sipp import Scenario, Sipp
from test_promises import owe
import wav

SECRET = "correct-horse-7"


def trunk_state(line, name="provider"):
    return {x["name"]: x["state"] for x in line.status()["trunks"]}.get(name)


def provider(t, line, secret=SECRET, wanted="registered", **options):
    """A provider with whom the line registers as a number."""
    account = t.number()
    options.setdefault("secret", SECRET)
    proxy = Kamailio(t, **options)
    file = t.path("secret")
    with open(file, "w", encoding="ascii") as f:
        f.write(t.plant(secret) + "\n")
    line.command("trunk", "add", "provider", "--register",
                 f"sip:{account}@{proxy.address}", "--secret-file", file)
    t.until(lambda: trunk_state(line) == wanted,
            f"the trunk is {wanted}, is {trunk_state(line)}", 15)
    return proxy, account


def through(t, proxy, account, steps, name="caller", **options):
    """A caller who dials the line's number at the provider."""
    s = Scenario(t.number(), routed=True)
    return Sipp(t, name, steps(s), proxy.address, service=account, **options)


def called_through(t, algorithm):
    ana = phone(t)
    line = line_for(t, ana, trunk=False)
    proxy, account = provider(t, line, algorithm=algorithm)
    one = through(t, proxy, account, lambda s: connects(s).go().bye()
                  .recv(200))
    ana.saw("ACK")
    line.talking(1)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def registers_with_md5(t):
    called_through(t, "MD5")


@test()
def registers_with_sha_256(t):
    called_through(t, "SHA-256")


@test()
def wrong_password(t):
    line = line_for(t, trunk=False)
    proxy, account = provider(t, line, secret="wrong-horse-8",
                              wanted="refused")
    one = through(t, proxy, account, lambda s: s.invite()
                  .recv(100, optional=True).recv(404).nack())
    one.done()
    t.equal(line.calls(), [], "calls on record")


@test()
def registered_before_the_start(t):
    """A trunk added while the line is stopped."""
    line = line_for(t, trunk=False)
    line.stop()
    proxy = Kamailio(t, secret=SECRET)
    with open(t.path("secret"), "w", encoding="ascii") as f:
        f.write(SECRET)
    line.command("trunk", "add", "provider", "--register",
                 f"sip:{t.number()}@{proxy.address}", "--secret-file",
                 t.path("secret"))
    line.run()
    t.until(lambda: trunk_state(line) == "registered", "registered", 15)


@test()
def removed(t):
    """The provider forgets us at once."""
    line = line_for(t, trunk=False)
    proxy, account = provider(t, line)
    line.command("trunk", "remove", "provider")
    with Raw(proxy) as raw:
        t.until(lambda: raw.answer(raw.request("OPTIONS", account)) == 404,
                "the provider knows us no more")
    t.equal(line.status()["trunks"], [], "trunks")


@test()
def stops_and_says_so(t):
    """A line that is stopped takes its registration back."""
    line = line_for(t, trunk=False)
    proxy, account = provider(t, line)
    line.stop()
    one = through(t, proxy, account, lambda s: s.invite()
                  .recv(100, optional=True).recv(404).nack())
    one.done()


@test(90)
def stays_registered(t):
    """The registration is renewed before it runs out; nonces grow old."""
    line = line_for(t, trunk=False)
    proxy, account = provider(t, line, expires=12, nonce_expire=3)
    end = time.monotonic() + 28
    with Raw(proxy) as raw:
        while time.monotonic() < end:
            t.equal(raw.answer(raw.request("OPTIONS", account)), 200,
                    "the provider finds us")
            t.equal(trunk_state(line), "registered", "the trunk")
            time.sleep(1)  # asked once a second over two lifetimes


@test(100)
def provider_comes_later(t):
    """Nobody there at first: tried again and again."""
    line = line_for(t, trunk=False)
    port = t.port()
    with open(t.path("secret"), "w", encoding="ascii") as f:
        f.write(SECRET)
    line.command("trunk", "add", "provider", "--register",
                 f"sip:{t.number()}@127.0.0.1:{port}", "--secret-file",
                 t.path("secret"))
    t.until(lambda: trunk_state(line) == "trying", "trying")
    Kamailio(t, secret=SECRET, port=port)
    t.until(lambda: trunk_state(line) == "registered", "registered", 75)


@test()
def counsellor_behind_the_provider(t):
    """Ana's phone is registered at the provider, which asks the line for
    its credentials before it rings her."""
    line = line_for(t)
    number = t.number()
    proxy, _ = provider(t, line, challenged=number)
    tone = wav.tone(t.path("tone.wav"), 1000)
    ana = Baresip(t, "ana", user=number, wav=tone, answers=True,
                  account=f"<sip:{number}@{proxy.address}>"
                          f";auth_user={number};auth_pass={SECRET};regint=60")
    t.until(lambda: "200 OK" in ana.words(), "Ana is registered")
    line.person("Ana", f"sip:{number}@{proxy.address}")
    one = caller(t, line)
    ana.talks()
    line.talking(1)
    one.go()
    one.done()
    ana.ended()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def counsellor_behind_a_provider_who_refuses_us(t):
    """Wrong credentials: the next counsellor is rung."""
    bob = phone(t, name="bob")
    line = line_for(t)
    number = t.number()
    proxy, _ = provider(t, line, secret="wrong-horse-9", wanted="refused",
                        challenged=number)
    line.person("Ana", f"sip:{number}@{proxy.address}")
    line.person("Bob", bob.uri)
    one = caller(t, line)
    bob.saw("ACK")
    one.go()
    one.done()
    bob.done()
    line.outcome(outcome="talked", counsellor="Bob")


@test()
def two_trunks(t):
    """By address and by registration, side by side."""
    ana = phone(t, answers, calls=2)
    line = line_for(t, ana, wrap_up_seconds=0)
    proxy, account = provider(t, line)
    states = {x["name"]: x["state"] for x in line.status()["trunks"]}
    t.equal(states, {"peer": "static", "provider": "registered"}, "trunks")
    for n, one in enumerate((
            lambda: caller(t, line, name="direct"),
            lambda: through(t, proxy, account, lambda s: connects(s).go()
                            .bye().recv(200), name="through"))):
        who = one()
        ana.saw("ACK", n + 1)
        who.go()
        who.done()
    ana.done()
    t.equal([c["outcome"] for c in line.ended(2)], ["talked"] * 2,
            "outcomes")


def engaged(s):
    """A telephone behind the provider."""
    s.routed = True
    return s.rings().refuses(486)


def rung_back(t, shown, challenge=407, **options):
    """A caller is rung back through a provider who asks for credentials.
    Returns the INVITE that came to their telephone, and the account."""
    number = t.number()
    home = phone(t, engaged, "home")
    ana = phone(t)
    line = Line(t, trunk=False, **options)
    line.person("Ana", ana.uri)
    owe(line, 1, number=number)
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    with store:
        store.execute("UPDATE promise SET shown = ?", (shown,))
    store.close()
    line.run()
    _, account = provider(t, line, challenged=number, challenge=challenge,
                          beyond=home.uri.partition("@")[2].partition(";")[0])
    home.saw("INVITE")
    ana.done()
    t.until(lambda: [p["attempts"] for p in line.json("promises")] == [1],
            "an attempt on record")
    invite, *more = home.received("INVITE")
    t.equal(more, [], "rings")
    t.equal(invite.get("X-Proved"), "yes", "the provider knows who we are")
    t.check(invite.first.startswith(f"INVITE sip:{number}@"), "who is rung")
    said = f"{ana.received('INVITE')[0].headers}"
    t.check(number not in said, "the counsellor sees the number")
    said = f"{invite.headers} {invite.body}"
    for secret in (ana.scenario.user, "Ana", SECRET):
        t.check(secret not in said, "who is rung back sees who rings")
    return invite, account


@test()
def rings_back_with_the_lines_number(t):
    ours = t.number()
    invite, account = rung_back(t, "line", shows=ours, neutral=t.number())
    t.check(f"sip:{ours}@" in invite.get("From"),
            f"From is {invite.get('From')}")
    t.check('"Test"' in invite.get("From"), "the line's name")
    t.check(f"sip:{ours}@" in invite.get("P-Asserted-Identity"),
            "P-Asserted-Identity")
    t.equal(invite.get("Privacy"), None, "Privacy")
    t.check(account not in f"{invite.headers}", "the account is shown")


@test()
def rings_back_with_a_neutral_number(t):
    """Asked for credentials by 401: both are answered."""
    neutral, ours = t.number(), t.number()
    invite, account = rung_back(t, "neutral", challenge=401, shows=ours,
                                neutral=neutral)
    t.check(invite.get("From").startswith(f"<sip:{neutral}@"),
            f"From is {invite.get('From')}")
    said = f"{invite.headers}"
    t.check(ours not in said and "Test" not in said and account not in said,
            "it says who rings")


@test()
def rings_back_without_a_number(t):
    ours = t.number()
    invite, account = rung_back(t, "withheld", shows=ours)
    t.check("sip:anonymous@anonymous.invalid" in invite.get("From"),
            f"From is {invite.get('From')}")
    t.equal(invite.get("Privacy"), "id", "Privacy")
    said = f"{invite.headers}"
    t.check(ours not in said and "Test" not in said and account not in said,
            "it says who rings")
