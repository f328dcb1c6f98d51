# SPDX-License-Identifier: AGPL-3.0-or-later
"""TLS on trunks and telephones: whose certificate is taken, and that what is
said there is sealed as sound, too."""
import re
import socket
import ssl
import threading
import time

import wav
from baresip import Baresip
from case import SLOW, test
from cast import caller, connects, phone
from certificates import Authority
from line import Line
from test_registrar import becomes, softphone
from test_sound import hears

ANA, CALLER = 1000, 440  # Hz


def ok_to(text):
    """200 to a REGISTER."""
    rows = [r for r in text.split("\r\n")
            if r.split(":")[0].lower() in ("via", "from", "to", "call-id",
                                           "cseq", "contact")]
    rows = [r + ";tag=1" if r.lower().startswith("to:") else r for r in rows]
    return "\r\n".join(["SIP/2.0 200 OK", *rows, "Expires: 300",
                        "Content-Length: 0", "", ""])


class Provider:
    """A registrar behind TLS; what it heard, and whether it was talked to."""

    def __init__(self, cert, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.heard, self.tried = [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            self.tried += 1
            threading.Thread(target=self.talk, args=(link,),
                             daemon=True).start()

    def talk(self, link):
        try:
            with self.context.wrap_socket(link, server_side=True) as peer:
                text = ""
                while True:
                    got = peer.recv(65536).decode()
                    if not got:
                        return
                    text += got
                    while "\r\n\r\n" in text:
                        one, _, text = text.partition("\r\n\r\n")
                        self.heard.append(one)
                        peer.sendall(ok_to(one).encode())
        except OSError:
            pass

    def close(self):
        self.socket.close()


def line_by_tls(t, authority, **options):
    """It shows a certificate for its address, and trusts the authority."""
    line = Line(t, **options)
    cert, key = authority.made("line")
    line.tls = t.port()
    line.options(sip_tls=[f"127.0.0.1:{line.tls}"], sip_certificate=cert,
                 sip_key=key, sip_ca=authority.ca)
    return line


def trunk_states(line):
    return {row["name"]: row for row in line.status()["trunks"]}


# what the other side shows; what is said of it; None: it is taken
SHOWN = {
    "right": (dict(), None),
    "othername": (dict(san="DNS:sip.example.net"), "for another name"),
    "otheraddress": (dict(san="IP:127.0.0.9"), "for another name"),
    "expired": (dict(expired=True), "expired"),
    "selfmade": (dict(own=True), "self-made"),
    "pinned": (dict(own=True, san="DNS:any.example.net"), None),
    "wrongpin": (dict(), "not the one that was written down"),
}


@test(90)
def certificates_of_trunks(t):
    """Of each trunk that we register with by TLS: taken, or refused in plain
    words, and then not a word is said there."""
    authority = Authority(t)
    line = line_by_tls(t, authority)
    with open(t.path("secret"), "w", encoding="utf-8") as f:
        f.write("s3cret\n")
    providers = {}
    for name, (made, _) in SHOWN.items():
        cert, key = authority.made(name, **made)
        providers[name] = Provider(cert, key)
        pin = {"pinned": cert, "wrongpin": authority.ca}.get(name)
        line.command("trunk", "add", name, "--register",
                     f"sip:user@127.0.0.1:{providers[name].port}"
                     ";transport=tls", "--secret-file", t.path("secret"),
                     *(("--certificate", pin) if pin else ()))
    line.run()

    def as_wanted():
        states = trunk_states(line)
        return all(
            states[name]["state"] == "registered" if why is None else
            why in (states[name]["certificate_refused"] or "")
            for name, (_, why) in SHOWN.items())
    t.until(as_wanted, lambda: f"{trunk_states(line)} {line.last_words(9)}",
            20)
    with open(line.log, encoding="utf-8") as f:
        log = f.read()
    for name, (_, why) in SHOWN.items():
        t.equal(bool(providers[name].heard), why is None,
                f"{name} was spoken to")
        t.check(providers[name].tried > 0, f"{name} was not tried")
        found = re.search(rf"trunk {name}: TLS: the certificate at \S+ is "
                          r"refused: (.*)", log)
        t.equal(why is None, found is None, f"{name} in the log")
        if why:
            t.check(why in found.group(1), f"{name}: {found.group(1)}")
    t.figure(f"{sum(w is not None for _, w in SHOWN.values())} kinds of "
             "wrong certificates refused, 0 bytes of SIP sent to them")
    for one in providers.values():
        one.close()


@test()
def nobody_to_vouch(t):
    """Without authorities nothing is said by TLS, however good it looks."""
    authority = Authority(t)
    line = line_by_tls(t, authority)
    line.options(sip_ca="")
    with open(t.path("secret"), "w", encoding="utf-8") as f:
        f.write("s3cret\n")
    one = Provider(*authority.made("right"))
    line.command("trunk", "add", "right", "--register",
                 f"sip:user@127.0.0.1:{one.port};transport=tls",
                 "--secret-file", t.path("secret"))
    line.run()
    t.until(lambda: "sip_ca" in (trunk_states(line)["right"]
                                 ["certificate_refused"] or ""),
            lambda: f"{trunk_states(line)}")
    t.equal(one.heard, [], "what was said there")
    one.close()


@test()
def a_trunk_that_connects_to_us(t):
    """One whose certificate is written down has to show it; others are not
    asked."""
    authority = Authority(t)
    good = authority.made("good", own=True)
    other = authority.made("other", own=True)
    line = line_by_tls(t, authority, trunk=False)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32",
                 "--certificate", good[0])
    line.run()

    def connects_with(shown):
        trust = ssl.create_default_context(cafile=authority.ca)
        if shown:
            trust.load_cert_chain(*shown)
        try:
            with socket.create_connection(("127.0.0.1", line.tls)) as peer, \
                    trust.wrap_socket(peer,
                                      server_hostname="127.0.0.1") as link:
                link.settimeout(10)
                link.sendall(b"\r\n\r\n")
                return link.recv(2) == b"\r\n"
        except OSError:
            return False
    t.equal([connects_with(shown) for shown in (good, other, None)],
            [True, False, False], "who is let in")
    line.command("trunk", "remove", "peer")
    line.command("trunk", "add", "open", "--from", "127.0.0.1/32")
    t.until(lambda: connects_with(None), "nobody is asked any more")


def sound_path(t, name, hz):
    return wav.tone(t.path(f"{name}.wav"), hz, seconds=60)


def secret_caller(t, line, name="caller", enc="srtp-mand"):
    """baresip on a trunk by TLS."""
    return Baresip(t, name, wav=sound_path(t, name, CALLER), trace=True,
                   modules=("srtp",), transport="tls", mediaenc=enc)


def m_line(texts):
    """The protocols of the m-lines seen, and the suites of keys."""
    text = "\n".join(texts)
    return (set(re.findall(r"^m=audio [1-9]\d* (\S+)", text, re.M)),
            set(re.findall(r"^a=crypto:\d+ (\S+)", text, re.M)))


@test(90, listens=True)
def sealed_from_end_to_end(t):
    """A caller and a counsellor's telephone, both by TLS and SRTP: they hear
    each other; also when one of them holds and comes back."""
    authority = Authority(t)
    line = line_by_tls(t, authority, wrap_up_seconds=0)
    line.options(sip_srtp="require")
    line.command("person", "add", "Ana", "--on")
    line.run()
    ana = softphone(t, line, transport="tls", port=line.tls,
                    modules=("srtp",), mediaenc="srtp-mand")
    becomes(t, line, "yes")
    one = secret_caller(t, line)
    one.dial(f"sip:{t.number()}@127.0.0.1:{line.tls};transport=tls")
    one.talks()
    ana.talks()
    line.talking()
    for who, hz in ((one, 620), (ana, CALLER)):
        t.until(lambda w=who, h=hz: wav.Sound(w.recording()).heard(h) >= 1.5,
                f"{who.name} hears {hz} Hz for 1.5 s")
    for who in (one, ana):
        protocols, suites = m_line(who.texts())
        t.equal(protocols, {"RTP/SAVP"}, f"what {who.name} was told")
        t.check(suites, "no key was told")
    one.command("hold")
    t.until(lambda: max(wav.Sound(ana.recording()).shares(CALLER)[-10:])
            < 0.2, "the tone stops on hold")
    one.command("resume")
    t.until(lambda: min(wav.Sound(ana.recording()).shares(CALLER)[-4:])
            > 0.8, "the tone comes back")
    one.hang_up()
    ana.ended()
    line.outcome(outcome="talked", counsellor="Ana")
    hears(one, one.recording(), 620, never=CALLER)


@test(90, listens=True)
def sealed_on_one_side(t):
    """A caller by TLS and SRTP, a telephone by UDP and RTP."""
    authority = Authority(t)
    line = line_by_tls(t, authority)
    ana = Baresip(t, "ana", wav=sound_path(t, "ana", ANA), answers=True,
                  trace=True)
    line.person("Ana", ana.uri)
    line.run()
    one = secret_caller(t, line)
    one.dial(f"sip:{t.number()}@127.0.0.1:{line.tls};transport=tls")
    one.talks()
    ana.talks()
    for who, hz in ((one, ANA), (ana, CALLER)):
        t.until(lambda w=who, h=hz: wav.Sound(w.recording()).heard(h) >= 1.5,
                f"{who.name} hears {hz} Hz for 1.5 s")
    protocols, suites = m_line(ana.texts())
    t.equal((protocols, suites), ({"RTP/AVP"}, set()),
            "what goes out where others listen")
    one.hang_up()
    ana.ended()
    line.outcome(outcome="talked", counsellor="Ana")


@test()
def no_keys_where_others_listen(t):
    """By UDP: SRTP is not answered; a trunk that has to have it gets no call
    through at all."""
    authority = Authority(t)
    line = line_by_tls(t, authority)
    ana = phone(t)
    line.person("Ana", ana.uri)
    line.run()
    keys = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
    body = ("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
            "m=audio 40000 RTP/SAVP 0\n"
            f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{keys}\n")

    def refused(s):
        return (s.invite(body=body).recv(100, optional=True)
                .recv(180, optional=True).recv(488).ack())
    caller(t, line, refused, name="keys").done()
    line.command("trunk", "remove", "peer")
    line.command("trunk", "add", "strict", "--from", "127.0.0.1/32",
                 "--srtp", "require")

    def plain(s):
        return (s.invite().recv(100, optional=True).recv(180, optional=True)
                .recv(488).ack())
    caller(t, line, plain, name="plain").done()
    line.command("trunk", "remove", "strict")
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32")
    caller(t, line, lambda s: connects(s).bye().recv(200),
           name="usual").done()


def client_hello(line):
    """The first bytes of a real one."""
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.wrap_bio(theirs, ours,
                         server_hostname=line.host).do_handshake()
    except ssl.SSLWantReadError:
        return ours.read()


def is_cut(peer, byte):
    """Also when there is another byte for it."""
    peer.settimeout(0.01)
    try:
        peer.sendall(byte)
        return not peer.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True


@test(60)
def a_handshake_that_does_not_end(t):
    """Nothing, half a ClientHello, one whose bytes trickle in, one and then
    nothing: each is cut after five seconds. Whoever is through stays."""
    authority = Authority(t)
    line = line_by_tls(t, authority, trunk=False)
    line.command("trunk", "add", "peer", "--from", "127.0.0.1/32")
    line.run()
    trust = ssl.create_default_context(cafile=authority.ca)
    real = trust.wrap_socket(socket.create_connection(
        ("127.0.0.1", line.tls)), server_hostname="127.0.0.1")
    hello = client_hello(line)
    slow = {}
    for name, first, drips in (("nothing", b"", False),
                               ("half", hello[:len(hello) // 2], False),
                               ("trickles", hello[:7], True),
                               ("whole", hello, False)):
        for host in ("127.0.0.1", "127.0.0.9"):
            peer = socket.create_connection(("127.0.0.1", line.tls),
                                            source_address=(host, 0))
            peer.sendall(first)
            slow[name, host] = peer, iter(hello[7:]) if drips else None
    start = time.monotonic()
    after = {}

    def look():
        for key, (peer, rest) in list(slow.items()):
            if key[0] == "whole":  # the server's answer is there to be read
                peer.setblocking(False)
                try:
                    while peer.recv(65536):
                        pass
                except OSError:
                    pass
            if is_cut(peer, bytes([next(rest)]) if rest else b""):
                after[key] = time.monotonic() - start
                del slow[key]
                peer.close()
        return not slow
    t.until(look, lambda: f"cut: {after}", 20)
    t.check(max(after.values()) > 3, f"cut too early: {after}")
    t.check(max(after.values()) < 9 * SLOW, f"cut too late: {after}")
    t.figure(f"{len(after)} handshakes that did not end, from an address of a "
             f"trunk and from none: cut after {max(after.values()):.1f} s")
    real.settimeout(10 * SLOW)
    real.sendall(b"\r\n\r\n")
    t.equal(real.recv(2), b"\r\n", "an answer to who was through")
    real.close()


@test()
def a_trunk_that_wants_tls_where_there_is_none(t):
    """Is refused at once, by words that say what to do; nothing is kept."""
    line = Line(t, trunk=False)
    with open(t.path("secret"), "w", encoding="utf-8") as f:
        f.write("s3cret\n")
    ways = (("--to", "--from", "192.0.2.1", "--to",
             "sip:sip.example.net;transport=tls"),
            ("--to", "--from", "192.0.2.1", "--to",
             "sip:192.0.2.1:5061;Transport=TLS"),
            ("--register", "--register",
             "sip:user@sip.example.net;transport=tls", "--secret-file",
             t.path("secret")))
    for option, *rest in ways:
        done = line.command("trunk", "add", "one", *rest, wanted=None)
        t.equal(done.returncode, 1, f"exit code for {rest}")
        t.check(f"{option}: ;transport=tls needs sip_tls in ringback.conf"
                in done.stderr, f"{rest}: {done.stderr}")
    t.equal(line.json("trunk", "list"), [], "trunks on record")
    cert, key = Authority(t).made("line")
    line.options(sip_tls=[f"127.0.0.1:{t.port()}"], sip_certificate=cert,
                 sip_key=key)
    for i, (_, *rest) in enumerate(ways):
        line.command("trunk", "add", f"trunk{i}", *rest)
    t.equal(len(line.json("trunk", "list")), 3, "with sip_tls")
