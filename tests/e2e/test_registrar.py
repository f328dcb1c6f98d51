# SPDX-License-Identifier: AGPL-3.0-or-later
"""SIP telephones that register with the line: real ones, old ones, broken
ones, and those of strangers."""
import hashlib
import os
import re
import signal
import socket
import sqlite3
import ssl
import threading

from baresip import Baresip
from case import Failed, test
from cast import caller, connects
from line import Line
from sip import Raw
from test_web import certificate
import wav


def line_with(t, *names, **options):
    """A line with a trunk, and these people on duty."""
    line = Line(t, **options)
    for name in names:
        line.command("person", "add", name, "--on")
    return line.run()


def account(t, line, name="Ana", md5=False):
    """(user, secret) of a telephone."""
    said = line.command("person", "phone", name, "--register",
                        *(["--md5"] if md5 else []))
    found = [re.search(rf"^{what} +(\S+)$", said, re.M)
             for what in ("user", "secret")]
    t.check(all(found), f"what is printed: {said}")
    # it was shown to whoever asked for it, and is not to be seen again
    said = said.replace(found[1].group(1), "(shown)")
    with open(line.listings, encoding="utf-8") as f:
        rows = f.read().replace(found[1].group(1), "(shown)")
    with open(line.listings, "w", encoding="utf-8") as f:
        f.write(rows)
    t.plant(found[1].group(1))
    return found[0].group(1), found[1].group(1)


def softphone(t, line, name="ana", transport="udp", seconds=60, port=None,
              **options):
    """Ana's; baresip of Debian 12 knows no SHA-256."""
    user, secret = account(t, line, md5=True)
    sound = wav.tone(t.path(f"{name}.wav"), 620, seconds=60)
    extra = "" if transport == "udp" else f";transport={transport}"
    where = f"{line.host}:{port or line.port}{extra}"
    return Baresip(t, name, user=user, wav=sound, answers=True, trace=True,
                   account=f"<sip:{user}@{where}>;auth_user={user}"
                           f";auth_pass={secret};regint={seconds}", **options)


def registered(line, name="Ana"):
    return next(p["registered"] for p in line.json("person", "list")
                if p["name"] == name)


def becomes(t, line, state, name="Ana", seconds=10):
    t.until(lambda: registered(line, name) == state,
            lambda: f"{name}'s telephone is registered: {state!r}, not "
            f"{registered(line, name)!r} ({line.last_words()})", seconds)


def is_rung(t, line, phone, n=1, counsellor="Ana"):
    """A caller comes, and talks with whoever has this telephone."""
    one = caller(t, line, name=f"caller{n}")
    phone.talks(n)
    line.talking()
    one.go()
    one.done()
    line.ended(n)
    t.equal(line.calls()[0]["counsellor"], counsellor, "who talked")


def by(transport):
    @test()
    def is_rung_there(t):
        line = line_with(t, "Ana", wrap_up_seconds=0)
        t.equal(registered(line), "", "before")
        phone = softphone(t, line, transport=transport)
        becomes(t, line, "yes")
        is_rung(t, line, phone)
        t.check(line.json("person", "list")[0]["on_duty"], "Ana is on duty")
        phone.command("quit")
        becomes(t, line, "no")
    return is_rung_there


udp = by("udp")
tcp = by("tcp")


def with_tls(t, *names):
    """The same line, with TLS on a port besides."""
    line = Line(t)
    certificate(line)
    line.tls = t.port()
    line.options(sip_tls=[f"127.0.0.1:{line.tls}"])
    for name in names:
        line.command("person", "add", name, "--on")
    return line.run()


@test()
def tls(t):
    """By TLS it is rung through the connection that it made, which is closed
    with it."""
    line = with_tls(t, "Ana")
    said = line.command("person", "phone", "Ana", "--register")
    t.check(f"127.0.0.1:{line.tls} (TLS)" in said, "its address is printed")
    t.plant(re.search(r"^secret +(\S+)$", said, re.M).group(1))
    os.remove(line.listings)
    phone = softphone(t, line, transport="tls", port=line.tls)
    becomes(t, line, "yes")
    is_rung(t, line, phone)
    invite = re.search(r"^INVITE (\S+)", phone.words(), re.M).group(1)
    t.check("transport=tls" in invite, f"rung by {invite}")
    phone.process.kill()
    becomes(t, line, "no")
    with socket.create_connection(("127.0.0.1", line.tls)) as peer:
        with trusting(line).wrap_socket(
                peer, server_hostname="127.0.0.1") as link:
            t.check(link.version() in ("TLSv1.2", "TLSv1.3"),
                    f"it speaks {link.version()}")


@test()
def no_old_tls(t):
    line = with_tls(t)
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", line.tls)) as peer:
        try:
            old.wrap_socket(peer)
        except (ssl.SSLError, ConnectionError):
            return
    raise Failed("TLS 1.1 is spoken")


@test()
def tls_without_a_certificate(t):
    """It is said what is wrong, and nothing is started."""
    line = Line(t)
    line.options(sip_tls=["127.0.0.1:5061"])
    done = line.command("run", wanted=None)
    t.check(done.returncode != 0 and "sip_certificate" in done.stderr,
            f"it says {done.stderr}")
    certificate(line)
    with open(os.path.join(line.data, "key.pem"), "w",
              encoding="ascii") as f:
        f.write("no key\n")
    line.options(sip_tls=[f"127.0.0.1:{t.port()}"])
    line.start()
    t.until(lambda: "sip_tls: the key key.pem" in line.last_words(50),
            "it says that the key is none")
    t.until(lambda: line.keeper.poll() is not None, "it ends")
    line.keeper = None


def trusting(line):
    return ssl.create_default_context(
        cafile=os.path.join(line.data, "cert.pem"))


@test()
def the_connection_is_used(t):
    """By TCP the line rings through the connection that the telephone made,
    and knows at once when it is closed."""
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret, tcp=True,
                   contact="10.9.9.9:5060") as phone:
        t.equal(phone.register(), 200, "REGISTER")
        becomes(t, line, "yes")
        one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
        invite = phone.await_request("INVITE")
        t.check(f"@127.0.0.1:{phone.port}" in invite.split("\r\n")[0],
                f"it is rung where it is: {invite[:80]}")
        phone.reply(invite, 486, "Busy Here")
        one.go()
        one.done()
    becomes(t, line, "no", seconds=5)


@test()
def behind_nat(t):
    """Whatever address a telephone names, it is rung where its REGISTER came
    from, and hung up on there."""
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret, contact="10.9.9.9:5060") as phone:
        t.equal(phone.register(), 200, "REGISTER")
        t.check("<sip:" + user + "@10.9.9.9:5060>" in phone.said,
                "its Contact is told as it was given")
        one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
        invite = phone.await_request("INVITE")
        phone.reply(invite, 200, "OK",
                    body="v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                    "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                    f"m=audio {t.port(2)} RTP/AVP 0\r\n")
        phone.await_request("ACK")
        line.talking()
        one.go()
        one.done()
        phone.reply(phone.await_request("BYE"), 200, "OK")
    line.outcome(outcome="talked", counsellor="Ana")


# ---- raw telephones ---------------------------------------------------------

class Registers(Raw):
    """A telephone that knows SHA-256, and does what it is told."""

    def __init__(self, line, user, secret, contact=None, **options):
        super().__init__(line, **options)
        self.user, self.secret = user, secret
        self.contact = contact or f"{self.source}:{self.port}"
        self.call_id = f"reg-{self.port}-{id(self)}"
        self.cseq = 0
        self.said = ""
        self.waiting = []

    def field(self, name, text=None):
        found = re.search(rf"^{name}: (.*?)\r?$", text or self.said, re.M)
        return found.group(1) if found else None

    def challenges(self):
        return re.findall(r"^WWW-Authenticate: Digest (.*?)\r$", self.said,
                          re.M)

    def proof(self, secret=None, challenge=None, nc="00000001", user=None,
              uri=None):
        user, secret = user or self.user, secret or self.secret
        said = challenge or self.challenges()[0]
        nonce = re.search(r'nonce="([^"]*)"', said).group(1)
        name = "SHA-256" if "SHA-256" in said else "MD5"
        uri = uri or f"sip:{self.to[0]}:{self.to[1]}"

        def h(text):
            return hashlib.new(name.replace("-", ""),
                               text.encode()).hexdigest()
        response = h(":".join((h(f"{user}:ringback:{secret}"), nonce, nc,
                               "c0ffee", "auth", h(f"REGISTER:{uri}"))))
        return (f'Digest username="{user}", realm="ringback", '
                f'nonce="{nonce}", uri="{uri}", response="{response}", '
                f'algorithm={name}, qop=auth, nc={nc}, cnonce="c0ffee"')

    def ask(self, authorization=None, expires=300, user=None, **headers):
        """One REGISTER; the code of its answer, None: silence."""
        self.cseq += 1
        user = user or self.user
        rows = {
            "From": f"<sip:{user}@{self.to[0]}>;tag={self.port}",
            "To": f"<sip:{user}@{self.to[0]}>",
            "Call-ID": self.call_id, "CSeq": f"{self.cseq} REGISTER",
            "Contact": f"<sip:{user}@{self.contact}>",
            "Expires": None if expires is None else str(expires),
            # as any telephone says; an answer is never longer than this
            "User-Agent": "A telephone of some maker, model 1, version 2.3",
            "Allow": "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, INFO",
            "Authorization": authorization}
        rows |= headers
        text = self.request("REGISTER", "x", **rows)
        text = re.sub(r"^REGISTER \S+", f"REGISTER sip:{self.to[0]}:"
                      f"{self.to[1]}", text)
        self.said, got = "", None
        for _ in range(1 if self.tcp else 5):
            # like any telephone; strangers get only so many answers
            self.send(text)
            got = self.await_message(lambda m: m.startswith("SIP/2.0")
                                     and "REGISTER" in m, 1)
            if got:
                break
        self.said = got or ""
        return int(got[8:11]) if got else None

    def register(self, secret=None, **headers):
        """With the challenge; the code in the end."""
        code = self.ask(**headers)
        if code != 401:
            return code
        return self.ask(self.proof(secret), **headers)

    def await_message(self, is_it, seconds=5):
        for i, text in enumerate(self.waiting):
            if is_it(text):
                return self.waiting.pop(i)
        for _ in range(20):
            data = self.receive(seconds)
            if data is None:
                return None
            # by TCP several may come at once
            for text in re.split(r"(?=^(?:SIP/2\.0|[A-Z]+ sip:))", data,
                                 flags=re.M):
                if text.strip():
                    self.waiting.append(text)
            for i, text in enumerate(self.waiting):
                if is_it(text):
                    return self.waiting.pop(i)
        return None

    def await_request(self, method):
        got = self.await_message(lambda m: m.startswith(method + " "), 10)
        if not got:
            raise Failed(f"no {method} comes to the telephone")
        return got

    def reply(self, request, code, reason, body=""):
        rows = [f"{n}: {v}" for n in ("Via", "From", "Call-ID", "CSeq")
                for v in [self.field(n, request)]]
        to = self.field("To", request)
        rows.append("To: " + to + ("" if "tag=" in to else ";tag=phone"))
        rows.append(f"Contact: <sip:{self.user}@{self.contact}>")
        if body:
            rows.append("Content-Type: application/sdp")
        text = "\r\n".join([f"SIP/2.0 {code} {reason}", *rows,
                            f"Content-Length: {len(body)}", "", body])
        self.send(text.encode())


@test()
def one_algorithm_each(t):
    """SHA-256, or for old telephones MD5: what is not asked for is not
    taken."""
    line = line_with(t, "Ana")
    for md5, wanted, other in ((False, "SHA-256", "MD5"),
                               (True, "MD5", "SHA-256")):
        user, secret = account(t, line, md5=md5)
        with Registers(line, user, secret) as phone:
            t.equal(phone.ask(), 401, "without proof")
            t.equal([f"algorithm={wanted}," in c
                     for c in phone.challenges()], [True], "challenges")
            said = phone.challenges()[0]
            wrong = said.replace(f"algorithm={wanted}", f"algorithm={other}")
            t.equal(phone.ask(phone.proof(challenge=wrong)), 403, other)
            t.equal(phone.register(), 200, wanted)
            # as if what there is not were all zero
            phone.user, phone.secret = "nobody", ""
            t.equal(phone.ask(user="nobody"), 401, "of nobody")


@test()
def expires_and_leaves(t):
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret) as phone:
        t.equal(phone.register(expires=30), 423, "too short")
        t.equal(phone.field("Min-Expires"), "60", "Min-Expires")
        t.equal(phone.register(expires=99999), 200, "too long")
        t.check(";expires=3600" in phone.field("Contact"),
                f"it is cut to an hour: {phone.said}")
        t.equal(phone.register(expires=60), 200, "a minute")
        becomes(t, line, "yes")
        t.equal(phone.register(expires=0), 200, "it leaves")
        t.equal(phone.field("Contact"), None, "what is left")
        becomes(t, line, "no")
        t.equal(phone.register(), 200, "again")
        t.equal(phone.register(Contact="*", expires=0), 200, "all leave")
        becomes(t, line, "no")
        t.equal(phone.register(Contact="*", expires=300), 400, "* for long")
        t.equal(phone.register(Contact=None), 200, "a question")
        t.equal(phone.field("Contact"), None, "answer to it")
    # by a connection it is asked for again soon
    with Registers(line, user, secret, tcp=True) as phone:
        t.equal(phone.register(), 200, "by TCP")
        t.check(";expires=120" in phone.field("Contact"), phone.said)


@test()
def two_places(t):
    """The third takes the place of the one that was silent longest."""
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    phones = [Registers(line, user, secret) for _ in range(3)]
    for phone in phones:
        t.equal(phone.register(), 200, "REGISTER")
    seen = re.findall(r"^Contact: <([^>]*)>", phones[2].said, re.M)
    t.equal(sorted(seen), sorted(f"sip:{user}@{p.contact}"
                                 for p in phones[1:]), "places")
    t.equal(phones[0].register(Contact=", ".join(
        f"<sip:{user}@192.0.2.{i}>" for i in range(3))), 403, "three at once")

    # both ring, and the one that is not picked up stops
    one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
    invites = [p.await_request("INVITE") for p in phones[1:]]
    phones[1].reply(invites[0], 180, "Ringing")
    phones[2].reply(invites[1], 603, "Decline")
    phones[2].await_request("ACK")
    phones[1].reply(phones[1].await_request("CANCEL"), 200, "OK")
    phones[1].reply(invites[0], 487, "Request Terminated")
    one.go()
    one.done()


class Flood:
    """Strangers at many addresses, each with many INVITEs."""

    def __init__(self, line):
        self.peers = [Raw(line, f"127.0.1.{i}") for i in range(1, 61)]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.sent = 0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for peer in self.peers:
            peer.socket.close()

    def send(self):
        while not self.over.wait(0.05):
            for peer in self.peers:
                peer.send(peer.request("INVITE", "x"))
                self.sent += 1


@test()
def a_flood_keeps_no_telephone_out(t):
    """Strangers share few answers among all of them. Whoever is registered,
    or has a connection, needs none of these."""
    line = line_with(t, "Ana", "Bob")
    ana = Registers(line, *account(t, line), source="127.0.0.9")
    theirs = account(t, line, "Bob")
    t.equal(ana.register(), 200, "before there are many")
    with ana, Flood(line) as flood:
        t.until(lambda: flood.sent > 1000, "a flood")
        with Raw(line, "127.0.0.11") as stranger:
            answers = [stranger.answer(stranger.request("OPTIONS"), 0.2)
                       for _ in range(5)]
            t.check(None in answers, f"strangers: {answers}")
        t.equal(ana.register(), 200, "registered already")
        with Registers(line, *theirs, source="127.0.0.10", tcp=True) as bob:
            t.equal(bob.register(), 200, "by TCP")


@test()
def a_restart_of_the_line(t):
    """Whoever registered by UDP is rung, without having registered again."""
    line = line_with(t, "Ana")
    line.steady = False
    phone = softphone(t, line, seconds=3000)
    becomes(t, line, "yes")
    n = phone.words().count("\nREGISTER ")
    os.kill(line.pids["ringback-line"], signal.SIGKILL)
    t.until(lambda: line.processes().get("ringback-line")
            not in (None, line.pids["ringback-line"]), "the line is back", 15)
    line.up()
    becomes(t, line, "yes")
    is_rung(t, line, phone)
    t.equal(phone.words().count("\nREGISTER "), n, "REGISTERs")


@test()
def a_restart_with_connections(t):
    """Whoever is behind NAT must come again; until then they are not rung, and
    are not put off duty for it."""
    line = line_with(t, "Ana")
    line.steady = False
    user, secret = account(t, line)
    with Registers(line, user, secret, tcp=True,
                   contact="10.9.9.9:5060") as phone:
        t.equal(phone.register(), 200, "REGISTER")
        os.kill(line.pids["ringback-line"], signal.SIGKILL)
        t.until(lambda: line.processes().get("ringback-line")
                not in (None, line.pids["ringback-line"]),
                "the line is back", 15)
        line.up()
    becomes(t, line, "no")
    t.check(line.json("person", "list")[0]["on_duty"], "Ana is on duty")
    with Registers(line, user, secret, tcp=True,
                   contact="10.9.9.9:5060") as phone:
        t.equal(phone.register(), 200, "REGISTER")
        becomes(t, line, "yes")


@test()
def a_new_secret(t):
    """It ends what the old one opened; so does leaving."""
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret) as phone:
        t.equal(phone.register(), 200, "REGISTER")
        newer, better = account(t, line)
        becomes(t, line, "no")
        t.equal(phone.register(), 403, "the old secret")
        phone.user, phone.secret = newer, better
        t.equal(phone.register(), 200, "the new one")
        line.command("person", "phone", "Ana", "--forget")
        t.equal(registered(line), "", "registered")
        t.equal(phone.register(), 403, "a forgotten one")
        line.command("person", "phone", "Ana", "--forget")
        one = caller(t, line, lambda s: connects(s).go().bye().recv(200))
        line.waiting()
        t.equal(phone.await_message(lambda m: m.startswith("INVITE"), 1),
                None, "it is not rung")
        one.go()
        one.done()


@test()
def strangers(t):
    """Nobody learns who exists; nobody registers as somebody else."""
    line = line_with(t, "Ana", "Bob")
    user, secret = account(t, line)
    other, theirs = account(t, line, "Bob")
    with Registers(line, user, secret) as phone, \
            Registers(line, "nobody", "guess", source="127.0.0.7") as guest:
        t.equal(phone.register(), 200, "REGISTER")

        # the same answers for a name that exists and one that does not
        shapes = []
        for name in (user, "nobody"):
            guest.user = name
            codes = [guest.ask(user=name)]
            shapes.append(re.sub(r'nonce="[^"]*"|\d+', "", "\n".join(
                r for r in guest.said.splitlines()
                if r.startswith(("SIP", "WWW")))))
            codes.append(guest.ask(guest.proof("guess"), user=name))
            t.equal(codes, [401, 403], f"answers for {name}")
        t.equal(shapes[0], shapes[1], "what is said")

        # Bob's secret is good for Bob alone
        guest.user, guest.secret = other, theirs
        t.equal(guest.ask(), 401, "Bob's")
        t.equal(guest.ask(guest.proof(), To=f"<sip:{user}@{line.host}>"),
                403, "Bob as Ana")

        # what was overheard: from elsewhere, with another Contact, again
        t.equal(phone.ask(), 401, "Ana's")
        proof = phone.proof()
        t.equal(phone.ask(proof), 200, "Ana's proof")
        contact = f"<sip:evil@{guest.source}:{guest.port}>"
        guest.user = user
        t.equal(guest.ask(proof, Contact=contact), 401, "from elsewhere")
        t.equal(phone.ask(proof, Contact=contact), 401, "twice")
        t.check("stale=true" in phone.said, "it may try again")
        t.equal(phone.register(Contact=None), 200, "a question")
        t.check("evil" not in phone.said, "a stranger is registered")
        t.equal(len(re.findall("^Contact:", phone.said, re.M)), 1, "places")

        # nobody calls through us
        t.equal(phone.answer(phone.request("INVITE", "+15551234567"),
                             5), 200, "a call from a trunk's address")
    line.quiet = False


@test()
def guesses_are_slowed_down(t):
    """After a few wrong answers the right one is not looked at for a while;
    the telephone that is registered already is not kept out."""
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret) as phone, \
            Registers(line, user, "wrong", source="127.0.0.7") as guest:
        t.equal(phone.register(), 200, "REGISTER")
        codes = [guest.register() for _ in range(7)]
        t.equal(codes, [403] * 7, "wrong secrets")
        guest.secret = secret
        t.equal(guest.register(), 403, "the right one, too soon")
        t.equal(phone.register(), 200, "at home")
    with open(line.log, encoding="utf-8") as f:
        rows = [r for r in f if "prove who they are" in r]
    t.equal(len(rows), 1, "lines of the log")
    t.check(user not in rows[0] and "127.0.0" not in rows[0],
            "the log says who")


@test()
def broken_registers(t):
    line = line_with(t, "Ana")
    user, secret = account(t, line)
    with Registers(line, user, secret) as phone:
        for contact in ("<sip:a b@192.0.2.1>", "<tel:+4930>", "nothing at all",
                        "<sip:a@192.0.2.1?Subject=x>", "<sips:a@192.0.2.1>",
                        f"<sip:{'a' * 300}@192.0.2.1>",
                        "<sip:a@192.0.2.1>;expires=-1",
                        "<sip:a@192.0.2.1>;expires=99999999999",
                        '<sip:a"b@192.0.2.1>', "*, <sip:a@192.0.2.1>"):
            t.equal(phone.register(Contact=contact), 400, contact[:40])
        for proof in ("Digest", "Basic YTph", 'Digest username="x"',
                      'Digest username="", realm="", nonce="", uri="", '
                      'response=""', "Digest " + "a" * 3000):
            code = phone.ask(proof)
            t.check(code in (401, 403), f"{proof[:20]}: {code}")
        t.equal(phone.register(Require="path, outbound"), 420, "Require")
        t.check("path" in phone.field("Unsupported"), phone.said)
        phone.cseq += 20
        t.equal(phone.register(), 200, "a sound one")

        # an older one that was on its way: RFC 3261, 10.3
        phone.cseq -= 10
        t.equal(phone.register(), 500, "out of order")
        phone.cseq += 20
        t.equal(phone.register(Supported="path"), 200, "with Path, if we like")
    t.equal(line.processes(), line.pids, "processes")


@test()
def not_on_disk(t):
    """The secret is nowhere; what it is checked with goes as the account
    goes."""
    line = line_with(t, "Ana")
    _, secret = account(t, line)
    line.stop()
    for name in os.listdir(line.data):
        path = os.path.join(line.data, name)
        if os.path.isfile(path):
            with open(path, "rb") as f:
                t.check(secret.encode() not in f.read(),
                        f"the secret is in {name}")
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    t.equal(store.execute("SELECT count(*) FROM phone").fetchone()[0], 1,
            "accounts")
    store.close()
    line.command("person", "remove", "Ana")
    store = sqlite3.connect(os.path.join(line.data, "store.db"))
    t.equal(store.execute("SELECT count(*) FROM phone").fetchone()[0], 0,
            "accounts")
    store.close()
