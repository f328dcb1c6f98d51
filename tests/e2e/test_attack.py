# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a hostile reader of the line found: bad moments, odd requests."""
import os
import re
import signal
import socket
import sqlite3
import time

from case import Skipped, test
from cast import caller, connects, line_for, phone
from rtp import FRAME, Rtp, ulaw
from sip import Raw
from sipp import sdp
from test_trouble import fill, room, small_disk
import wav

OFFER = sdp(host="127.0.0.1", port=40000)
STRANGER, ELSEWHERE = "127.0.0.2", "127.0.0.4"
HANGS = "does not answer any more"


# ends at a bad moment


def hears_no_bye(s):
    """A peer that gets the BYE, says nothing, and stays where it is."""
    return s.expect("BYE").pause(60000)


def deaf_talk(t):
    """A talk whose two ends never answer a BYE."""
    ana = phone(t, lambda s: hears_no_bye(s.rings().picks_up()))
    line = line_for(t, ana)
    one = caller(t, line, lambda s: hears_no_bye(connects(s)))
    ana.saw("ACK")
    line.talking(1)
    t.until(lambda: line.calls()[0]["state"] == "talking",
            "the record says so")
    return line, ana, one


def locked(line):
    """Another process's hand on the store, until it is closed."""
    store = sqlite3.connect(os.path.join(line.data, "store.db"),
                            isolation_level=None)
    store.execute("BEGIN EXCLUSIVE")
    return store


def ended_well(t, line):
    """The keeper is content with an end that the line may not be."""
    with open(line.log, encoding="utf-8") as f:
        t.check(f"(pid {line.pids['ringback-line']}) ended with status 0"
                in f.read(), f"the line's end ({line.last_words()})")


def runs_again(t, line):
    """After a stop: no call is left open, and callers are taken."""
    line.run()
    calls = line.calls()
    t.check(calls and all(c["outcome"] for c in calls),
            f"an open call: {calls}")
    t.equal(room(line), 200, "a caller after the start")


@test(90)
def stop_while_the_store_is_locked(t):
    """The record of a talk cannot be closed and nobody answers the BYE:
    everybody is told, the line gives its store up before the keeper has to
    kill it, and no record stays open after the next start."""
    line, ana, one = deaf_talk(t)
    store = locked(line)
    line.stop(30)
    store.close()
    for who in (ana, one):
        t.check(who.received("BYE"), f"{who.name} was told")
    runs_again(t, line)


@test(90)
def unlocked_while_it_stops(t):
    """The lock goes when only the store is left to close: the line ends by
    itself, and the talk's end is on record."""
    line, _, _ = deaf_talk(t)
    store = locked(line)
    line.keeper.send_signal(signal.SIGTERM)
    t.until(lambda: not line.open_ports((line.port,)),
            "the line has ended all but its store")
    store.close()
    t.until(lambda: line.keeper.poll() is not None, "the keeper ends", 15)
    t.equal(line.keeper.returncode, 0, "the keeper's exit code")
    ended_well(t, line)
    runs_again(t, line)
    t.equal(line.calls()[-1]["outcome"], "talked", "the talk's outcome")


@test(90)
def stop_while_a_caller_waits_for_the_lock(t):
    """The same with a caller whose first record is still to be written."""
    line, _, _ = deaf_talk(t)
    store = locked(line)
    with Raw(line) as raw:
        raw.send(raw.request("INVITE", t.number(), OFFER))
        t.until(lambda: line.status()["calls"]["arriving"] == 1,
                "one caller arrives")
        line.stop(30)
    store.close()
    runs_again(t, line)


@test(90)
def new_callers_while_it_stops(t):
    """503 with Retry-After, so that the provider tries elsewhere."""
    line, ana, _ = deaf_talk(t)
    with Raw(line) as raw:
        line.keeper.send_signal(signal.SIGTERM)
        ana.saw("BYE")
        raw.send(raw.request("INVITE", t.number(), OFFER))
        text = raw.receive() or ""
    t.check(text.startswith("SIP/2.0 503 "), f"got {text}")
    t.check("\r\nRetry-After: " in text, f"no Retry-After: {text}")
    t.until(lambda: line.keeper.poll() is not None, "the line ends", 15)
    t.equal(line.keeper.returncode, 0, "the keeper's exit code")
    ended_well(t, line)
    runs_again(t, line)


@test(120)
def a_disk_full_at_the_end_of_calls(t):
    """Callers are answered all the same, and what happened meanwhile is on
    record as soon as there is room."""
    small_disk(t, t.path("line"))
    ana = phone(t)
    line = line_for(t, ana)
    talk = caller(t, line, name="talker")
    ana.saw("ACK")
    line.talking(1)
    waits = caller(t, line, name="waiter")
    line.waiting(1)
    time.sleep(1.1)  # longer than what counts as short
    filler = os.path.join(line.data, "filler")
    fill(filler)
    codes = []
    while not line.status()["unwritten"] and len(codes) < 60:
        codes.append(room(line))
    t.equal(set(codes), {200}, "answers while the disk is full")
    t.check(line.status()["unwritten"], "status says that something waits")
    for one in (talk, waits):
        one.go()
        one.done()
    ana.done()
    line.idle()
    os.remove(filler)
    wanted = sorted(["talked", "gave_up"] + ["short"] * len(codes))

    def records():
        return sorted(str(c["outcome"]) for c in line.calls())
    t.until(lambda: records() == wanted,
            lambda: f"the records tell what happened: {records()}, should "
            f"be {wanted}", 10)


# a phone in a hurry


@test()
def a_reinvite_right_behind_the_200(t):
    """Media still looks at the phone's answer (here it is stopped, so that
    this takes long enough): 491, never 481, and the next try is taken."""
    again = sdp(codecs=(0, 101), version=2)
    ana = phone(t, lambda s: s.rings().go().picks_up()
                .invite(again).recv(100, optional=True).recv(491)
                .nack("[next_url]").go()
                .invite(again).recv(100, optional=True).recv(200).ack()
                .ended())
    line = line_for(t, ana)
    one = caller(t, line)
    ana.saw("INVITE")
    media = line.pids["ringback-media"]
    os.kill(media, signal.SIGSTOP)
    try:
        ana.go()
        ana.saw(491)
    finally:
        os.kill(media, signal.SIGCONT)
        if HANGS in line.last_words(1000):
            raise Skipped("this took so long that media was given up")
    line.talking(1)
    ana.go()
    ana.saw(200)
    one.go()
    one.done()
    ana.done()
    line.outcome(outcome="talked", counsellor="Ana")


# answers to where they do not belong


@test()
def maddr(t):
    """Nobody can have our answers sent to a third party."""
    line = line_for(t)
    with Raw(line, STRANGER) as raw, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as third:
        third.bind((ELSEWHERE, raw.port))
        third.setblocking(False)
        for method in ("INVITE", "OPTIONS", "BYE"):
            for name in ("maddr", "MADDR", "rport;maddr"):
                via = (f"SIP/2.0/UDP {STRANGER}:{raw.port};{name}="
                       f"{ELSEWHERE};branch=z9hG4bK-{method}-{name[-5:]}")
                raw.send(raw.request(method, t.number(), OFFER, Via=via))
        # requests of one socket are read in order: then all were read
        good = raw.request("INVITE", t.number(), OFFER)
        raw.send(good)
        text = raw.receive() or ""
        t.check(text.startswith("SIP/2.0 401 "), f"got {text}")
        t.check(good.split("Call-ID: ")[1].split("\n")[0] in text,
                f"an answer to something else: {text}")
        try:
            got = third.recv(65535)
        except BlockingIOError:
            got = None
        t.equal(got, None, "what came to the third party")
    t.equal(line.calls(), [], "calls on record")


# sound that does not come from where the SDP says

SAMPLES = {ulaw(x): x for x in range(-32635, 32636)}
ANA, CALLER, THIRD = 1000, 400, 2600  # Hz, in the middle of a frame's bins


def shares(packets, hz):
    """Of each packet's energy, how much lies at hz."""
    return [wav.share([SAMPLES[b] for b in p[12:]], hz) for p in packets
            if len(p) == 12 + FRAME]


def hears(t, who, hz, what):
    """Waits for half a second of nothing but this tone."""
    began = time.monotonic()

    def heard():
        return sum(s > 0.8 for s in shares(who.heard_since(began), hz))
    t.until(lambda: heard() >= 25,
            lambda: f"{what} hears {hz} Hz ({heard()} frames of "
                    f"{len(who.heard_since(began))})")


@test()
def a_phone_whose_sdp_names_another_address(t):
    """Its SIP and its sound come from one address, its SDP names another:
    it is heard and hears. A third party is and does not, neither before
    the phone's first packet nor later."""
    own, calls, third = Rtp(ANA, STRANGER), Rtp(CALLER), \
        Rtp(THIRD, ELSEWHERE)
    ana = phone(t, lambda s: s.rings().picks_up(sdp(
        codecs=(0, 101), host="127.0.0.3", port=own.port)).ended(),
        ip=STRANGER)
    line = line_for(t, ana)
    one = caller(t, line, lambda s: connects(s, body=sdp(
        codecs=(0, 101), host="127.0.0.1", port=calls.port))
        .go().bye().recv(200))
    ana.saw("ACK")
    line.talking(1)
    began = time.monotonic() + 0.3  # no hold sound any more
    calls.talk_to_sdp(one.saw(200).body)
    phone_leg = ana.saw("INVITE").body
    third.talk_to_sdp(phone_leg)
    time.sleep(1)  # the third party speaks first, alone
    own.talk_to_sdp(phone_leg)
    hears(t, calls, ANA, "the caller")
    hears(t, own, CALLER, "the phone")
    t.equal(len(third.received), 0, "packets to the third party")
    t.check(max(shares(calls.heard_since(began), THIRD)) < 0.5,
            "the third party is heard")
    one.go()
    one.done()
    ana.done()
    for end in (own, calls, third):
        end.stop()
    line.outcome(outcome="talked", counsellor="Ana")


# odd requests of a trunk


@test()
def requests_without_their_dialog(t):
    """481 for what belongs into a dialog and names none."""
    line = line_for(t)
    with Raw(line) as raw:
        for method in ("BYE", "UPDATE"):
            t.equal(raw.answer(raw.request(method, t.number())), 481,
                    f"answer to {method}")
    t.equal(line.calls(), [], "calls on record")


@test()
def a_route_that_cannot_be_gone(t):
    """No dialog is begun that could not send its BYE."""
    line = line_for(t)
    with Raw(line) as raw:
        for route in ("<<<>>>", "nonsense", "<tel:+15551230000>",
                      "<sip:127.0.0.1;lr>, <<<>>>"):
            t.equal(raw.answer(raw.request(
                "INVITE", t.number(), OFFER, Record_Route=route)), 400,
                f"answer to Record-Route: {route}")
    t.equal(line.calls(), [], "calls on record")


def padded(size):
    """An offer of so many bytes on the wire."""
    body = OFFER.replace("\n", "\r\n")
    rows = []
    while size - len(body) - sum(map(len, rows)) > 400:
        rows.append("a=x:" + "y" * 194 + "\r\n")
    rest = size - len(body) - sum(map(len, rows))
    rows.append("a=x:" + "y" * (rest - 6) + "\r\n")
    return (body + "".join(rows)).replace("\r\n", "\n")


@test()
def a_large_description(t):
    """413 beyond what we read. A datagram of that size is cut off below
    us, which is a wrong Content-Length."""
    line = line_for(t)
    for tcp, wanted in ((True, (413,)), (False, (400, 413))):
        for size in (8193, 20000, 60000):
            with Raw(line, tcp=tcp) as raw:
                code = raw.answer(raw.request("INVITE", t.number(),
                                              padded(size)))
            t.check(code in wanted, f"answer {code} to SDP of {size} bytes, "
                                    f"should be one of {wanted}")
    t.equal(line.calls(), [], "calls on record")


@test()
def the_largest_description(t):
    line = line_for(t)
    caller(t, line, lambda s: connects(s, body=padded(8192)).bye()
           .recv(200), tcp=True).done()
    line.outcome(outcome="short")


# a dialog in other hands


def name_of(text, name):
    return re.search(rf"^{name}: (.*?)\r?$", text, re.M).group(1)


@test()
def a_dialog_in_other_hands(t):
    """Whoever has a call's tags and Call-ID, from a proxy's log perhaps, but is
    not where its peer is, cannot have the sound sent elsewhere."""
    line = line_for(t)
    with Raw(line) as raw, Raw(line, STRANGER) as other:
        raw.send(raw.request("INVITE", t.number(), OFFER))
        text = t.until(lambda: (got := raw.receive(5) or "").startswith(
            "SIP/2.0 200 ") and got, "the call is answered")
        dialog = {name.replace("-", "_"): name_of(text, name)
                  for name in ("From", "To", "Call-ID")}
        raw.send(raw.request("ACK", CSeq="1 ACK", **dialog))
        line.waiting(1)
        moved = sdp(host=STRANGER, port=40002, version=2)
        for n, method in ((11, "INVITE"), (12, "UPDATE")):
            t.equal(other.answer(other.request(
                method, "x", moved, CSeq=f"{n} {method}", **dialog)), 403,
                f"{method} from elsewhere")
        # the peer's own is taken, also where it counts from 2 on
        t.equal(raw.answer(raw.request("UPDATE", "x", OFFER, CSeq="2 UPDATE",
                                       **dialog)), 200, "UPDATE of its own")
        t.equal(raw.answer(raw.request("BYE", "x", CSeq="3 BYE", **dialog)),
                200, "BYE")
    line.outcome(outcome="short")
