# SPDX-License-Identifier: AGPL-3.0-or-later
"""Third-party sound: it redirects nothing, and nobody hears it. A row for each
attack; of each: how many packets came to whom they should not ("bled"), how many
were heard that should not be ("injected"), what of the talk was lost."""
import hashlib
import hmac
import os
import socket
import struct
import time
import zlib

from bleed import (FRAME, HOSTILE, End, Sealed, Speaker, Talk, media_pair,
                   place, rtp, run, sdp)
from case import test
from mediasock import Media

ELSEWHERE, NEARBY = "127.0.0.2", "127.0.0.9"
HEAD = 8     # beats that whoever attacks has before the talk begins
MOST_LOST = 0.02


# attacks: each is told of every beat


def speaks(source="127.0.0.1", begins=0, times=1, **how):
    """From an address of its own."""
    def attack(talk, n):
        if not talk.enemies:
            talk.enemy(source)
        if n >= begins:
            for i in range(times):
                talk.enemies[0].send(talk.hostile(n * times + i, **how),
                                     talk.one.to)
    return attack


def copies(source="127.0.0.1"):
    """With the numbers of the talk that it overhears."""
    def attack(talk, n):
        if not talk.enemies:
            talk.enemy(source)
        talk.enemies[0].send(rtp(talk.one.seq, talk.one.ssrc, HOSTILE, n),
                             talk.one.to)
    return attack


def forges(make):
    """The sender's address as well (here: the talk's own socket)."""
    def attack(talk, n):
        if n > talk.begins:
            talk.one.send(make(talk, n), talk.one.to)
    return attack


def garbage(talk, n):
    """What is no sound at all, from a stranger and from the right address."""
    if not talk.enemies:
        talk.enemy(ELSEWHERE)
    ssrc = struct.pack("!I", talk.one.ssrc)
    rows = (b"", b"\x80", b"\x80\x00" + b"\0" * 5,
            b"\x80\xc8\x00\x06" + ssrc + b"\0" * 20,      # sender report
            b"\x81\xcb\x00\x01" + ssrc,                   # BYE
            b"\x8f\xc9\xff\xff" + ssrc,                   # lengths that lie
            b"\x9f\x00" + os.urandom(20), b"\xb0\x00" + os.urandom(30),
            b"\xa0\x00\x00\x01" + b"\0" * 8 + b"\xff" * 20,
            os.urandom(1600))
    for end in (talk.enemies[0], talk.one):
        end.send(rows[n % len(rows)], talk.one.to)


def stun(talk, n):
    """A question that many a server answers, whoever asks."""
    if not talk.enemies:
        talk.enemy(ELSEWHERE)
        talk.enemy()
    talk.enemies[n % 2].send(binding(), talk.one.to)


def binding(username=None, password=None, chosen=False):
    """A check of ICE (RFC 8489); without a password: unproven."""
    attributes = b""
    if username:
        name = username.encode()
        attributes += struct.pack("!HH", 6, len(name)) + name \
            + b"\0" * (-len(name) % 4)
        attributes += struct.pack("!HHI", 0x24, 4, 1 << 30)
        attributes += struct.pack("!HHQ", 0x802a, 8, 7)
        if chosen:
            attributes += struct.pack("!HH", 0x25, 0)
    tail = os.urandom(12)

    def head(n):
        return struct.pack("!HHI", 1, n, 0x2112a442) + tail
    if password:
        attributes += struct.pack("!HH", 8, 20) + hmac.new(
            password.encode(), head(len(attributes) + 24) + attributes,
            hashlib.sha1).digest()
    text = head(len(attributes) + 8) + attributes
    return text + struct.pack("!HHI", 0x8028, 4,
                              zlib.crc32(text) ^ 0x5354554e)


def moves_away(talk, n):
    """The one goes to another port by a new offer; who stays at the old one is
    a stranger from then on."""
    if n != 40:
        return
    left = End()
    old, talk.one.socket = talk.one.socket, left.socket
    left.socket, left.port, talk.one.port = old, talk.one.port, left.port
    talk.one.read()
    talk.media.answer(talk.legs[0], sdp("127.0.0.1", talk.one.port),
                      nets=("127.0.0.1", 32))
    # what was under way to the old place came there in time
    for packet in left.read():
        talk.one.got.append(packet)
    talk.left = left


def stays_behind(talk, n):
    moves_away(talk, n)
    if n < 45:
        return
    if not talk.enemies:
        for packet in talk.left.read():
            talk.one.got.append(packet)
        talk.left.got.clear()
        talk.enemies.append(talk.left)
    talk.left.send(talk.hostile(n), talk.one.to)


# name, what the talk is like, who attacks it
ROWS = (
    ("nobody", {}, None),
    ("a stranger, before the talk", dict(begins=HEAD), speaks(ELSEWHERE)),
    ("a stranger, during it", {}, speaks(ELSEWHERE, 20)),
    ("a stranger, after it fell silent", dict(ends=60),
     speaks(ELSEWHERE, 60)),
    ("a stranger with all its numbers", {}, copies(ELSEWHERE)),
    ("a stranger's flood", {}, speaks(ELSEWHERE, 5, 5)),
    ("its address, another port, before", dict(begins=HEAD), speaks()),
    ("its address, another port, during", {}, speaks(begins=20)),
    ("its address, another port, after", dict(ends=60), speaks(begins=60)),
    ("its address, another port, its numbers", {}, copies()),
    ("its address, another port, a flood", {}, speaks(begins=5, times=5)),
    ("its address, another payload type", dict(begins=HEAD),
     speaks(payload=9)),
    ("the trunk's network, before", dict(nets=("127.0.0.0", 8),
                                         begins=HEAD), speaks(NEARBY)),
    ("the trunk's network, during", dict(nets=("127.0.0.0", 8)),
     speaks(NEARBY, 20)),
    ("the trunk's network, after", dict(nets=("127.0.0.0", 8), ends=60),
     speaks(NEARBY, 60)),
    ("its address forged, another SSRC", {},
     forges(lambda talk, n: talk.hostile(n))),
    ("its address forged, numbers far off", {},
     forges(lambda talk, n: rtp(talk.one.seq + 20000, talk.one.ssrc,
                                HOSTILE, n))),
    ("its address forged, another payload type", {},
     forges(lambda talk, n: rtp(talk.one.seq, talk.one.ssrc, HOSTILE, n,
                                payload=18))),
    ("garbage and RTCP", {}, garbage),
    ("STUN without proof", {}, stun),
    ("who stays where the talk has left", {}, stays_behind),
)


def sealed_rows():
    """Of SRTP, by one who sits in the middle."""
    kept = []

    def twice(packet):
        return [packet, packet]

    def later(packet):
        kept.append(packet)
        return [packet] + kept[-60:-59]

    def bent(packet):
        return [packet, packet[:40] + bytes([packet[40] ^ 1]) + packet[41:],
                packet[:-1] + bytes([packet[-1] ^ 1]), packet[:-10]]

    def plain(packet):
        seq, = struct.unpack_from("!H", packet, 2)
        ssrc, = struct.unpack_from("!I", packet, 8)
        return [rtp(seq, ssrc, HOSTILE), packet, rtp(seq + 1, ssrc, HOSTILE)]

    return (("SRTP played twice", twice),
            ("SRTP played again after a second", later),
            ("SRTP with a bit turned, or cut", bent),
            ("RTP in place of SRTP", plain))


def told(t, name, figures, usual=0):
    """Usual: what is lost without an attack, on a machine that is too slow."""
    bled, injected, lost = figures
    t.figure(f"{name}: {bled} bled, {injected} injected, {lost:.1%} lost")
    t.equal((bled, injected), (0, 0), f"{name}: packets bled and injected")
    t.check(lost <= MOST_LOST + usual, f"{name}: {lost:.1%} of the talk is lost")


def attacked(t, beats):
    first, second = media_pair(t)
    talks = []
    for name, kind, attack in ROWS:
        talks.append(Talk(first, **kind))
        talks[-1].name, talks[-1].attack = name, attack
    for name, change in sealed_rows():
        talks.append(Sealed(first, second))
        talks[-1].name, talks[-1].attack = name, None
        talks[-1].change = change
    run(t, talks, beats)
    usual = talks[0].lost()
    for talk in talks:
        told(t, talk.name, talk.figures(), usual)
        t.check(talk.one.n_sent > 40, f"{talk.name}: nobody talked")
    for talk in talks:
        talk.close()


@test(listens=True)
def attacks(t):
    attacked(t, 120)


@test(240, long=True, listens=True)
def attacks_for_longer(t):
    attacked(t, 3000)


@test(listens=True)
def by_ipv6(t):
    media = Media(t, host="::1")
    talks = []
    for name, attack in (("IPv6, another port, before", speaks("::1")),
                         ("IPv6, another port, its numbers",
                          copies("::1"))):
        talks.append(Talk(media, nets=("::1", 128), host="::1",
                          begins=HEAD))
        talks[-1].name, talks[-1].attack = name, attack
    run(t, talks, 100)
    for talk in talks:
        told(t, talk.name, talk.figures())


@test()
def a_browsers_leg(t):
    """Whoever has not proved to be it gets no answer, to whatever; the same
    ClientHello from an address that has is answered."""
    media = Media(t)
    answer = media.answer(1, "\r\n".join((
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
        "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "c=IN IP4 0.0.0.0", "a=mid:0", "a=ice-ufrag:abcd",
        "a=ice-pwd:" + "p" * 22, "a=fingerprint:sha-256 " + ":".join(
            ["AB"] * 32), "a=setup:actpass", "a=rtcp-mux", "a=sendrecv",
        "")), web=True)
    words = dict(row[2:].split(":", 1) for row in answer.splitlines()
                 if row.startswith("a=") and ":" in row)
    to = "127.0.0.1", place(answer.replace("c=IN IP4 0.0.0.0",
                                           "c=IN IP4 127.0.0.1"))[1]
    candidate = words["candidate"].split()
    to = candidate[4], int(candidate[5])
    name = f"{words['ice-ufrag']}:abcd"
    stranger, browser = End(), End()
    third = End(NEARBY)
    third.send(hello(), to)                        # before ICE
    for packet in (binding(), binding(name), binding(name, "wrong" * 5),
                   binding("nobody:abcd", words["ice-pwd"]),
                   hello(), rtp(1, 2, HOSTILE), os.urandom(100),
                   b"\x81\xcb\x00\x01" + b"\0" * 4):
        stranger.send(packet, to)
    browser.send(binding(name, words["ice-pwd"]), to)
    third.send(hello(), to)                        # during
    t.until(browser.read, "a first check is answered")
    # one socket is read in order: when this is answered, all were read
    browser.send(binding(name, words["ice-pwd"], chosen=True), to)
    t.until(browser.read, "a check with the right password is answered")
    stranger.send(hello(), to)
    third.send(hello(), to)                        # after
    browser.send(hello(), to)
    t.until(browser.read, "its ClientHello is answered")
    for _ in range(50):                            # amid the handshake
        third.send(hello(), to)
    browser.send(binding(name, words["ice-pwd"]), to)
    t.until(browser.read, "it is the browser still that is answered")
    for one in (stranger, third):
        one.read()
        t.equal(sum(len(packet) for packet, _ in one.got), 0,
                "bytes to who has proved nothing")
        one.close()
    t.equal({source for _, source in browser.got}, {to},
            "who has talked to the browser")
    browser.close()


def hello():
    """A ClientHello of DTLS 1.2 with SRTP (RFC 6347, RFC 5764)."""
    def extension(kind, body):
        return struct.pack("!HH", kind, len(body)) + body
    more = (extension(10, b"\0\4\0\x1d\0\x17") + extension(11, b"\1\0")
            + extension(13, b"\0\4\4\3\4\1") + extension(14, b"\0\4\0\7\0\1\0")
            + extension(23, b"") + extension(0xff01, b"\0"))
    body = (b"\xfe\xfd" + os.urandom(32) + b"\0" + b"\0"
            + b"\0\4\xc0\x2b\xc0\x2f" + b"\1\0"
            + struct.pack("!H", len(more)) + more)
    n = len(body).to_bytes(3, "big")
    shake = b"\1" + n + b"\0\0" + b"\0\0\0" + n + body
    return b"\x16\xfe\xff" + b"\0" * 8 + struct.pack("!H", len(shake)) + shake


@test()
def who_floods_a_talk(t):
    """Packets of the peer itself, numbered as they should be, but far too
    many: whom it talks with gets what a talk needs, and no more."""
    media, flooder = Media(t), End()
    hearer = media.phone(2, 400)
    to = place(media.answer(1, sdp("127.0.0.1", flooder.port)))
    media.bridge(1, 2)
    began, sent, all_of_them = time.monotonic(), 0, 20000

    def heard():
        return sum(p[12 + 20:] == bytes([HOSTILE]) * (FRAME - 20)
                   for _, p in list(hearer.received))
    while sent < all_of_them:
        flooder.send(rtp(sent, 77, HOSTILE), to)
        sent += 1
        if sent % 20 == 0:
            time.sleep(0.001)  # for who reads them
    t.until(heard, "something of it is heard")
    time.sleep(0.2)  # for what is on its way
    passed, most = heard(), 500 + 250 * (time.monotonic() - began + 1)
    t.figure(f"{passed} of {sent} packets are passed on")
    t.check(passed <= most, f"{passed} packets, {most:.0f} at most")
    hearer.stop()
    flooder.close()


@test(listens=True)
def ports_of_earlier_calls(t):
    """There is just room for one talk: the next has its ports. Whoever still
    sends to them is not heard, and hears nothing."""
    media = Media(t, ports=4)
    before = Talk(media)
    before.attack = None
    run(t, [before], 60)
    told(t, "a talk", before.figures())
    for leg in before.legs:
        media.close(leg)
    after = Talk(media)
    t.equal(sorted((after.one.to, after.other.to)),
            sorted((before.one.to, before.other.to)), "the ports")
    for old in (before.one, before.other):
        old.read()
        old.got.clear()
        after.enemies.append(old)

    def goes_on(talk, n):
        for old in talk.enemies:
            old.send(talk.hostile(n, ssrc=old.ssrc), old.to)
    after.attack = goes_on
    run(t, [after], 100)
    told(t, "the next talk on the same ports", after.figures())
