# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is no proper SIP or SDP gets its 4xx or silence; nothing stops."""
import time

from case import test
from cast import caller, connects, line_for
from sip import Raw
from sipp import sdp

OFFER = sdp(host="127.0.0.1", port=40000)


def still_works(t, line, name="after"):
    caller(t, line, lambda s: connects(s).bye().recv(200), name=name).done()


def asked(t, raw, text, wanted):
    code = raw.answer(text, 2)
    t.check(code in wanted, f"answer {code}, should be one of {wanted}, "
                            f"to: {text[:300]!r}")


@test()
def headers(t):
    """400 where there is somebody to tell, else silence."""
    line = line_for(t)
    with Raw(line) as raw:
        request = raw.request
        for text in (
                request("INVITE", body=OFFER, From=None),
                request("INVITE", body=OFFER, To=None),
                request("INVITE", body=OFFER, Call_ID=None),
                request("INVITE", body=OFFER, CSeq=None),
                request("INVITE", body=OFFER, CSeq="INVITE"),
                request("INVITE", body=OFFER, CSeq="1 BYE"),
                request("INVITE", body=OFFER, CSeq="99999999999999 INVITE"),
                request("INVITE", body=OFFER, From="<<<>>>"),
                request("INVITE", body=OFFER, From="<sip:raw@127.0.0.1>"),
                request("INVITE", body=OFFER, Contact=None),
                request("INVITE", body=OFFER, Contact="<>"),
                request("INVITE", body=OFFER, Content_Length="9999"),
                request("INVITE", body=OFFER, Content_Length="-1")):
            asked(t, raw, text, (400, None))
        for text in (
                request("INVITE", body=OFFER, Max_Forwards="many"),
                request("INVITE", body=OFFER, Session_Expires="soon")):
            asked(t, raw, text, (400,))
        still_works(t, line)
        t.equal(len(line.ended()), 1, "calls on record")


@test()
def no_contact_is_told(t):
    """An INVITE must carry a Contact (RFC 3261, 8.1.1.8)."""
    line = line_for(t)
    with Raw(line) as raw:
        asked(t, raw, raw.request("INVITE", body=OFFER, Contact=None),
              (400,))
    t.equal(line.calls(), [], "calls on record")


@test()
def first_lines(t):
    line = line_for(t)
    with Raw(line) as raw:
        good = raw.request("OPTIONS")
        rest = good.split("\n", 1)[1]
        for first, wanted in (
                ("OPTIONS sip:x@127.0.0.1 SIP/3.0", (505, 400, None)),
                ("OPTIONS sip:x@127.0.0.1", (400, None)),
                ("OPTIONS tel:+123 SIP/2.0", (416, 400, 200)),
                ("OPTIONS :::: SIP/2.0", (400, None)),
                ("OPTIONS  SIP/2.0", (400, None)),
                ("SIP/2.0 200 OK", (None,)),
                ("SIP/2.0 999 What", (None,)),
                ("SIP/2.0", (None,)),
                ("GET / HTTP/1.1", (400, None)),
                ("", (400, None, 200)),
                ("\0\0\0\0", (400, None))):
            asked(t, raw, f"{first}\n{rest}", wanted)
        still_works(t, line)


@test()
def vias(t):
    """Where to answer is unknown: silence. Answers go to the source."""
    line = line_for(t)
    with Raw(line) as raw:
        for via in (None, "", "SIP/2.0/UDP", "SIP/2.0/UDP [::::]:5060",
                    "SIP/2.0/UDP 127.0.0.1:99999;branch=z9hG4bK1",
                    "SIP/2.0/UDP nowhere.invalid;branch=z9hG4bK2"):
            asked(t, raw, raw.request("OPTIONS", Via=via),
                  (None, 400, 200))
        still_works(t, line)


@test()
def descriptions(t):
    """Broken SDP: 400 or 488, and no call."""
    line = line_for(t)
    with Raw(line) as raw:
        for body in (
                "hello\n", "v=0\n", "v=9\n" + OFFER, "\0" * 50,
                OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 999.1.1.1"),
                OFFER.replace("m=audio 40000", "m=audio 99999"),
                OFFER.replace("m=audio 40000", "m=audio -1"),
                OFFER.replace("RTP/AVP 0 8 101", "RTP/AVP 300 x"),
                OFFER.replace("RTP/AVP", "RTP/SAVPF"),
                OFFER.replace("c=IN IP4 127.0.0.1\n", ""),
                OFFER.replace("c=IN IP4 127.0.0.1",
                              "c=IN IP4 nowhere.invalid"),
                "m=audio 1 RTP/AVP 0\n" * 500, "a=" + "x" * 7000 + "\n"):
            asked(t, raw, raw.request("INVITE", body=body), (400, 488))
        still_works(t, line)
        t.check(all(c["outcome"] not in ("talked", "gave_up")
                    for c in line.ended()), "a call out of broken SDP")


@test()
def too_much(t):
    """Hundreds of headers, long lines, big bodies."""
    line = line_for(t)
    with Raw(line) as raw:
        plain = raw.request("INVITE", body=OFFER)
        head, _, body = plain.partition("\n\n")
        for more in ("\n".join(f"X-{i}: y" for i in range(1000)),
                     "X: " + "y" * 40000,
                     "\n".join("Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK"
                               f"{i}" for i in range(300)),
                     "\n".join("Route: <sip:a@127.0.0.1;lr>"
                               for _ in range(500))):
            asked(t, raw, f"{head}\n{more}\n\n{body}",
                  (400, 413, 483, 513, None))
        still_works(t, line)


@test()
def over_tcp(t):
    """Slow, cut off, without end: the others are served meanwhile."""
    line = line_for(t)
    with Raw(line, tcp=True) as slow, Raw(line, tcp=True) as broken, \
            Raw(line, tcp=True) as long:
        good = slow.request("OPTIONS").replace("\n", "\r\n").encode()
        slow.send(good[:40])
        broken.send(b"\0\1\2\3" * 100 + b"\r\n\r\n")
        long.send(broken.request("INVITE", body=OFFER,
                                 Content_Length="70000000"))
        still_works(t, line)
        for i in range(40, len(good), 25):
            slow.send(good[i:i + 25])
            time.sleep(0.01)  # a slow sender
        t.check((slow.receive() or "").startswith("SIP/2.0 200"),
                "a request in pieces is answered")


@test()
def two_in_one_segment(t):
    line = line_for(t)
    with Raw(line, tcp=True) as raw:
        raw.send(raw.request("OPTIONS") + raw.request("OPTIONS"))
        text = ""
        while text.count("SIP/2.0 200") < 2:
            more = raw.receive()
            t.check(more, f"two answers, got: {text}")
            text += more


@test()
def keep_alives(t):
    """Empty lines are no requests (RFC 5626, RFC 3261 7.5)."""
    line = line_for(t)
    with Raw(line) as raw:
        for data in (b"\r\n", b"\r\n\r\n", b"\0", b"jaK"):
            raw.send(data)
        t.equal(raw.answer(raw.request("OPTIONS")), 200, "answer")
    with Raw(line, tcp=True) as raw:
        raw.send(b"\r\n\r\n")
        raw.send(raw.request("OPTIONS"))
        text = raw.receive() or ""
        text = text if "200" in text else text + (raw.receive() or "")
        t.check("SIP/2.0 200" in text, "answer after a keep-alive")


@test()
def every_byte_of_an_invite(t):
    """Each byte of a good INVITE changed in turn: no crash, no hang."""
    line = line_for(t)
    with Raw(line) as raw:
        good = raw.request("OPTIONS", body=OFFER).replace(
            "\n", "\r\n").encode()
        for i in range(len(good)):
            for byte in (0, 0x0a, 0xff, good[i] ^ 1):
                raw.send(good[:i] + bytes([byte]) + good[i + 1:])
        while raw.receive(0.3):
            pass
        for i in range(0, len(good), 2):
            raw.send(good[:i])
        while raw.receive(0.3):
            pass
    still_works(t, line)


@test()
def one_line_each_without_content(t):
    """What is broken is logged without what it said."""
    line = line_for(t)
    who = t.number()
    with Raw(line) as raw:
        for text in (raw.request("INVITE", who, "garbage " + who),
                     raw.request("INVITE", who, OFFER, From="<" + who),
                     f"INVITE {who} {who}\n\n{who}"):
            raw.answer(text, 1)
    still_works(t, line)
