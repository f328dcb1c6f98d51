# SPDX-License-Identifier: AGPL-3.0-or-later
"""SIPp as caller or as counsellor's phone.

A Scenario is written as the ladder that it is:

    Scenario().invite().recv(200).ack().pause(500).bye().recv(200)

and becomes a scenario file for sipp. What sipp sent and received is read
back from its trace as Messages, so that a test can look at single headers.

A scenario that shall go on only when the test says so has a go() step: sipp
then waits for a PRACK of its own call, which Sipp.go() sends from outside.
"""
import datetime
import os
import re
import socket
import time

from case import SLOW, Failed

NAMES = {0: "PCMU/8000", 8: "PCMA/8000", 18: "G729/8000",
         96: "telephone-event/8000",  # that of sipp's play_dtmf
         101: "telephone-event/8000"}

REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress",
           200: "OK", 302: "Moved Temporarily", 404: "Not Found",
           422: "Session Interval Too Small", 480: "Unavailable",
           481: "No Such Call", 486: "Busy Here", 487: "Terminated",
           488: "Not Acceptable Here", 491: "Request Pending",
           500: "Server Error", 503: "Unavailable", 603: "Decline"}

# what expect() and rings() remember of a request, by header
KEPT = {"expect": {"Via": "via", "From": "from", "To": "to", "CSeq": "cseq"},
        "rings": {"Via": "iv", "From": "if", "To": "it", "CSeq": "ic"}}


def keep(step):
    return "".join(f'<ereg regexp=".*" search_in="hdr" header="{header}:" '
                   f'assign_to="{name}"/>'
                   for header, name in KEPT[step].items())


def sdp(codecs=(0, 8, 101), direction=None, host=None, port=None, version=1,
        extra=()):
    """A description of our sound; None: where sipp's own is."""
    family = "[media_ip_type]"
    address = "[media_ip]"
    if host:
        family, address = ("6" if ":" in host else "4"), host
    rows = ["v=0", f"o=- 20 {version} IN IP{family} {address}", "s=-",
            f"c=IN IP{family} {address}", "t=0 0",
            f"m=audio {port or '[media_port]'} RTP/AVP "
            + " ".join(str(c) for c in codecs)]
    rows += [f"a=rtpmap:{c} {NAMES[c]}" for c in codecs]
    if 101 in codecs:
        rows.append("a=fmtp:101 0-15")
    rows.append("a=ptime:20")
    if direction:
        rows.append(f"a={direction}")
    rows += extra
    return "\n".join(rows) + "\n"


class Scenario:
    """Steps of one call, as caller (invite()) or phone (rings())."""

    def __init__(self, user="caller", routed=False, name="", contact=None):
        self.user = user
        self.name = f'"{name}" ' if name else ""  # shown beside our address
        self.contact = contact or user
        self.routed = routed  # a proxy stays in the path
        self.steps = []
        self.cseq = 0
        self.branch = 0
        self.phone = False   # we were called
        self.invite_uri = "sip:[service]@[remote_ip]:[remote_port]"

    # plain steps

    def xml(self, text):
        self.steps.append(text)
        return self

    def send(self, text, retrans=True):
        how = ' retrans="500"' if retrans else ""
        return self.xml(f"<send{how}><![CDATA[\n{text}\n]]></send>")

    def recv(self, what, optional=False, timeout=None, actions="",
             refresh=False):
        kind = "response" if isinstance(what, int) else "request"
        attrs = f'{kind}="{what}"'
        if optional:
            attrs += ' optional="true"'
        if timeout:
            attrs += f' timeout="{int(timeout * SLOW)}"'
        if what == 200 and not self.phone or refresh:
            attrs += ' rrs="true"'
        return self.xml(f"<recv {attrs}><action>{actions}</action></recv>"
                        if actions else f"<recv {attrs}/>")

    def pause(self, ms):
        return self.xml(f'<pause milliseconds="{int(ms)}"/>')

    def go(self):
        """Wait until the test says so (Sipp.go)."""
        return self.recv("PRACK")

    # requests of ours

    def reached(self):
        return (f"Contact: {self.name}<sip:{self.contact}@[local_ip]"
                ":[local_port];transport=[transport]>")

    def headers(self, method, cseq, branch, extra, body,
                kind="application/sdp"):
        if self.phone:
            ours, theirs = "From:[$it];tag=p[pid]x[call_number]", "To:[$if]"
        else:
            ours = (f"From: {self.name}<sip:{self.user}@[local_ip]"
                    ":[local_port]>;tag=c[pid]x[call_number]")
            theirs = f"To: <{self.invite_uri}>"
            if self.answered:
                theirs += "[peer_tag_param]"
        rows = [f"Via: SIP/2.0/[transport] [local_ip]:[local_port]"
                f";branch=z9hG4bK-[pid]-[call_number]-{branch}",
                ours, theirs, "Call-ID: [call_id]", f"CSeq: {cseq} {method}",
                self.reached(),
                "Max-Forwards: 70", *extra]
        if self.routed and (self.answered or self.phone):
            rows.append("[routes]")
        if body:
            rows.append(f"Content-Type: {kind}")
        rows += ["Content-Length: [len]", "", body or ""]
        return "\n".join(rows)

    @property
    def answered(self):
        return any("<recv response" in s for s in self.steps)

    def request(self, method, uri=None, extra=(), body=None, cseq=None,
                kind="application/sdp", retrans=True):
        """A request with a CSeq and branch of its own, unless given."""
        if cseq is None:
            self.cseq += 1
            self.branch += 1
            cseq = self.cseq
        if uri is None:
            uri = ("[next_url]" if self.phone or self.answered
                   else self.invite_uri)
        return self.send(f"{method} {uri} SIP/2.0\n" + self.headers(
            method, cseq, self.branch, extra, body, kind), retrans)

    def invite(self, body="", extra=(), retrans=True, uri=None):
        """body None: no offer."""
        if body == "":
            body = sdp()
        return self.request("INVITE", uri, extra, body, retrans=retrans)

    def ack(self, body=None):
        """For a 2xx: a transaction of its own with the INVITE's CSeq."""
        self.branch += 1
        return self.request("ACK", None, (), body, self.cseq, retrans=False)

    def nack(self, uri=None):
        """ACK for a refusal: in the INVITE's transaction."""
        return self.request("ACK", uri or self.invite_uri, (), None,
                            self.cseq, retrans=False)

    def cancel(self):
        text = (f"CANCEL {self.invite_uri} SIP/2.0\n"
                + "\n".join(row for row in self.headers(
                    "CANCEL", self.cseq, self.branch, (), None).split("\n")
                    if not row.startswith("Contact")))
        return self.send(text.replace("[peer_tag_param]", ""))

    def bye(self):
        return self.request("BYE")

    # answers of ours

    def expect(self, method, optional=False, timeout=None):
        """Receive a request within the call and remember how to answer."""
        return self.recv(method, optional, timeout, keep("expect"))

    def reply(self, code, extra=(), body=None, retrans=False, contact=True,
              kind="application/sdp"):
        rows = [f"SIP/2.0 {code} {REASONS.get(code, 'Answer')}",
                "Via:[$via]", "From:[$from]", "To:[$to]",
                "Call-ID: [call_id]", "CSeq:[$cseq]"]
        if contact and code < 400:
            rows.append(self.reached())
        rows += extra
        if body:
            rows.append(f"Content-Type: {kind}")
        rows += ["Content-Length: [len]", "", body or ""]
        return self.send("\n".join(rows), retrans)

    def ended(self):
        """The other side hangs up."""
        return self.expect("BYE").reply(200, contact=False)

    # as a phone

    def rings(self, code=180, extra=()):
        """Receive the INVITE and ring; code None: keep silent."""
        self.phone = True
        actions = keep("rings")
        if self.routed:  # the proxy's own comes before that of the line
            actions += ('<ereg regexp=".*" search_in="hdr" header="Via:"'
                        ' occurrence="2" assign_to="iv2"/>')
        self.recv("INVITE", actions=actions, refresh=True)
        return self.answer(code, extra=extra) if code else self

    def answer(self, code, body=None, extra=(), tag="p[pid]x[call_number]",
               retrans=None, contact=None):
        """A response to the INVITE."""
        rows = [f"SIP/2.0 {code} {REASONS.get(code, 'Answer')}",
                "Via:[$iv]", *(["Via:[$iv2]"] if self.routed else []),
                "From:[$if]", f"To:[$it];tag={tag}",
                "Call-ID: [call_id]", "CSeq:[$ic]"]
        if code < 400:
            rows.append(contact or self.reached())
        rows += extra
        if body:
            rows.append("Content-Type: application/sdp")
        rows += ["Content-Length: [len]", "", body or ""]
        if retrans is None:
            retrans = code >= 200
        return self.send("\n".join(rows), retrans)

    def picks_up(self, body="", extra=()):
        return self.answer(200, sdp(codecs=(0, 101)) if body == "" else body,
                           extra).recv("ACK")

    def refuses(self, code, extra=()):
        return self.answer(code, extra=extra).recv("ACK")

    def write(self, path):
        steps = "\n".join(self.steps)
        names = [n for kept in KEPT.values() for n in kept.values()
                 if f'assign_to="{n}"' in steps]
        if names:  # else sipp complains of those used once
            steps += f'\n<Reference variables="{",".join(names)}"/>'
        with open(path, "w", encoding="utf-8") as f:
            f.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                    f'<scenario name="call">\n{steps}\n</scenario>\n')


class Message:
    """One SIP message from sipp's trace."""

    def __init__(self, at, sent, text):
        self.at = at  # seconds
        self.sent = sent
        head, _, self.body = text.replace("\r\n", "\n").partition("\n\n")
        rows = head.split("\n")
        self.first = rows[0]
        self.headers = {}
        for row in rows[1:]:
            name, colon, value = row.partition(":")
            if colon:
                self.headers.setdefault(name.strip().lower(),
                                        []).append(value.strip())

    def get(self, name):
        return (self.headers.get(name.lower()) or [None])[0]

    @property
    def method(self):
        return self.get("CSeq").split()[1] if self.get("CSeq") else None

    @property
    def code(self):
        match = re.match(r"SIP/2\.0 (\d{3})", self.first)
        return int(match.group(1)) if match else None

    def __str__(self):
        return f"{'sent' if self.sent else 'received'} {self.first}"


MARK = re.compile(r"^-{20,}(?: (\d{4}-\d\d-\d\d\s[\d:.]+).*)?\n"
                  r"(?:\w+ message (sent|received)|Unexpected).*$", re.M)


def seconds(stamp):
    """Of a trace's time stamp."""
    day, clock = stamp.split()
    return datetime.datetime.fromisoformat(f"{day} {clock}").timestamp()


class Sipp:
    """One sipp process running one Scenario for one or more calls."""

    def __init__(self, case, name, scenario, to=None, calls=1, rate=10,
                 ip="127.0.0.1", port=None, tcp=False, service=None,
                 seconds=40, args=(), media=None):
        self.case, self.name = case, name
        self.scenario = scenario
        self.ip, self.tcp = ip, tcp
        self.port = port or case.port()
        self.media = media or case.port(4)
        self.trace = case.path(f"{name}.messages")
        self.errors = case.path(f"{name}.errors")
        scenario.write(case.path(f"{name}.xml"))
        # sipp replaces %u and %s only
        self.call_id = f"{name}-{os.getpid()}-%u@sipp"
        argv = ["sipp", "-sf", case.path(f"{name}.xml"), "-i", ip,
                "-p", str(self.port), "-t", "t1" if tcp else "u1",
                "-mi", ip, "-mp", str(self.media), "-cp", str(self.port + 1),
                "-m", str(calls), "-r", str(rate), "-l", str(max(calls, 1)),
                "-timeout", str(int(seconds * SLOW)), "-timeout_error",
                "-nostdin", "-nd", "-skip_rlimit", "-deadcall_wait", "0",
                "-cid_str", self.call_id, "-max_socket", "1024",
                "-trace_err", "-error_file", self.errors,
                "-trace_msg", "-message_file", self.trace, *args]
        if service:
            argv += ["-s", service]
        if to:
            argv.append(to)
        self.prods = 0
        self.process = case.spawn(argv, f"{name}.out",
                                  env={**os.environ, "TERM": "dumb"})
        if not to:
            case.until(self.listening, f"{name} listens")

    @property
    def uri(self):
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"sip:{self.scenario.user}@{host}:{self.port}" + (
            ";transport=tcp" if self.tcp else "")

    def listening(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended at once: {self.why()}")
        table = "tcp" if self.tcp else "udp"
        table += "6" if ":" in self.ip else ""
        with open(f"/proc/net/{table}", encoding="ascii") as f:
            return any(row.split()[1].endswith(f":{self.port:04X}")
                       for row in f.readlines()[1:])

    def trace_parts(self):
        """(time, "sent", "received" or None if unexpected, text) each."""
        try:
            with open(self.trace, encoding="utf-8", errors="replace",
                      newline="") as f:
                text = f.read().replace("\r\n", "\n")
        except FileNotFoundError:
            return []
        parts = MARK.split(text)
        return [(parts[i], parts[i + 1], parts[i + 2].lstrip("\n"))
                for i in range(1, len(parts) - 1, 3)]

    def messages(self):
        """All that went over the wire so far, in order."""
        return [Message(seconds(at), how == "sent", text)
                for at, how, text in self.trace_parts() if how]

    def unexpected(self):
        """What the scenario had no place for at that moment."""
        return [Message(0, False, text) for _, how, text
                in self.trace_parts() if not how]

    def texts(self, sent=False):
        """All that was received (or sent), as it came."""
        return [text for _, how, text in self.trace_parts()
                if (how == "sent") == sent]

    def received(self, what, method=None):
        """Messages received: a code (of that method), or a request."""
        return [m for m in self.messages() if not m.sent and (
            m.code == what and method in (None, m.method)
            if isinstance(what, int) else
            m.first.startswith(what + " ")) and m.method != "PRACK"]

    def sent(self, what):
        return [m for m in self.messages() if m.sent and (
            m.code == what if isinstance(what, int)
            else m.first.startswith(what + " "))]

    def saw(self, what, n=1, seconds=10):
        """Wait for the n-th such message; returns it. A phone that has seen
        our ACK is not in the talk yet: its sound has to be agreed on."""
        got = self.arrived(what, n, seconds)
        if what == "ACK" and self.scenario.phone:
            self.case.until(lambda: all(line.has_agreed()
                                        for line in self.case.lines),
                            f"{self.name}'s sound is agreed on", seconds)
        return got

    def firsts(self, what):
        """Such messages, but an ACK once, however often the 200 was sent."""
        got = self.received(what)
        if what != "ACK":
            return got
        found = {}
        for m in got:
            found.setdefault((m.get("Call-ID"), m.get("CSeq")), m)
        return list(found.values())

    def arrived(self, what, n, seconds):
        def look():
            got = self.firsts(what)
            if len(got) >= n:
                return got[n - 1]
            if self.process.poll() is not None and n > len(
                    self.firsts(what)):
                raise Failed(f"{self.name} ended without {what}: "
                             + self.why())
            return None
        return self.case.until(look, lambda: f"{self.name} receives {what} "
                               f"{n} times ({self.why()})", seconds)

    def go(self, n=1):
        """Release the next go() step of call n, once it is there."""
        call_id = self.call_id.replace("%u", str(n))
        if self.scenario.phone:
            call_id = self.saw("INVITE", n).get("Call-ID")
        self.case.until(lambda: self.prod(call_id),
                        lambda: f"{self.name} comes to go() ({self.why()})")

    def prod(self, call_id):
        """Send one PRACK; was it what sipp waited for?"""
        self.prods += 1
        mark = f"go-{self.prods}"
        text = (f"PRACK sip:{mark}@{self.ip} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{mark}\r\n"
                f"From: <sip:go@test>;tag={mark}\r\nTo: <sip:go@test>\r\n"
                f"Call-ID: {call_id}\r\nCSeq: {self.prods} PRACK\r\n"
                "Content-Length: 0\r\n\r\n").encode()
        family = socket.AF_INET6 if ":" in self.ip else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.sendto(text, (self.ip, self.port))

        def named(messages):
            return any(f"sip:{mark}@" in m.first for m in messages)
        self.case.until(lambda: named(self.messages()),
                        f"{self.name} receives what the test sends")
        time.sleep(0.02 * SLOW)  # sipp complains right after the message
        return not named(self.unexpected())

    def why(self):
        """The last words of sipp, for a failure's text."""
        text = ""
        for path in (self.errors, self.case.path(f"{self.name}.out")):
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    text = f.read().strip()
            except FileNotFoundError:
                continue
            if text:
                break
        ladder = "; ".join(str(m) for m in self.messages()[-6:])
        return f"{' | '.join(text.splitlines()[:3])[:600]} ({ladder})"

    def done(self, seconds=30):
        """Wait for its end; every call must have gone as written."""
        self.case.until(lambda: self.process.poll() is not None,
                        lambda: f"{self.name} ends ({self.why()})", seconds)
        if self.process.returncode != 0:
            raise Failed(f"{self.name}: sipp says "
                         f"{self.process.returncode}: {self.why()}")
        strange = [m for m in self.unexpected()
                   if not m.first.startswith("PRACK")]
        if strange:
            raise Failed(f"{self.name}: unexpected {strange[0].first}")
        return self
