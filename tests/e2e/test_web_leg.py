# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real browser as a leg of the media server: DTLS-SRTP, both ways."""
import http.server
import re
import socket
import struct
import threading

from bleed import End
from browser import Browser
from case import test
from mediasock import Media
from rtp import SAMPLES
import sealed
from test_bleed import hello
import wav

PAGE = b"""<!doctype html><html lang="en"><title>Leg</title>
<link rel="icon" href="data:,"><main><h1>Leg</h1></main>"""

OFFER = """(async () => {
	const pc = window.pc = new RTCPeerConnection();
	pc.ontrack = (e) => {
		window.sound = new Audio();
		window.sound.srcObject = e.streams[0];
		window.sound.play();
	};
	const mic = await navigator.mediaDevices.getUserMedia({audio: true});
	window.track = pc.addTrack(mic.getTracks()[0], mic);
	await pc.setLocalDescription(await pc.createOffer());
	return pc.localDescription.sdp;
})()"""

ACCEPT = """(async (sdp) => {
	await window.pc.setRemoteDescription({type: "answer", sdp});
})(%s)"""

QUIET, TONE, WEB, PHONE = 0.001, 440, 7, 8   # energy, Hz, legs
OUTSIDE = "127.0.0.9"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def page_of(case):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = Browser(case).page()
    page.goto(f"http://localhost:{server.server_port}/")
    return page


def same(sdp):
    return sdp


def connect(media, page, leg=WEB, change=same, like=0, told=same):
    """Our answer to what the page offers, after a change to the offer; what
    the page is told of it."""
    offer = page.evaluate(OFFER, 30)
    answer = media.answer(leg, change(offer), web=True, like=like)
    page.evaluate(ACCEPT % repr(told(answer)), 10)
    return answer


def heard_energy(page):
    return (page.media() or {"in": {}})["in"].get("energy") or 0


class Third:
    """Sends ClientHellos to the leg of somebody else's browser, from before it
    is told where that is to the end of the talk."""

    def __init__(self):
        self.end, self.over = End(OUTSIDE), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.to, self.sent = None, 0

    def begin(self, answer):
        words = re.search(r"^a=candidate:(.*?)\r$", answer, re.M).group(1)
        self.to = words.split()[4], int(words.split()[5])
        for _ in range(5):
            self.hail()
        self.thread.start()
        return answer

    def run(self):
        while not self.over.wait(0.02):
            self.hail()

    def hail(self):
        self.end.send(hello(), self.to)
        self.sent += 1

    def ended(self):
        self.over.set()
        self.thread.join()
        self.end.read()
        self.end.close()
        return b"".join(packet for packet, _ in self.end.got)


@test(seconds=120)
def sound_flows_both_ways(case):
    media, page = Media(case), page_of(case)
    third = Third()
    answer = connect(media, page, told=third.begin)
    case.check(re.search(r"^m=audio \d+ UDP/TLS/RTP/SAVPF 0 \d+\r$", answer,
                         re.M), f"one codec and keys: {answer}")
    media.wait("LEG_UP", WEB)
    end = media.phone(PHONE, TONE)
    media.bridge(WEB, PHONE)

    # the tone is heard there, its beeps here
    case.until(lambda: heard_energy(page) > 0.05, "the browser hears a tone")
    case.until(lambda: any(len(set(p[12:])) > 20 for _, p in end.received),
               "the phone hears the browser's beeps")
    state = page.media()
    case.equal(state["dtls"]["state"], "connected", "DTLS")
    case.check(state["dtls"]["srtp"] in ("SRTP_AEAD_AES_128_GCM",
                                         "SRTP_AES128_CM_SHA1_80"),
               f"the cipher of the sound: {state['dtls']}")

    # both sides report
    quality = media.wait("LEG_QUALITY", WEB, 15)
    lost_there, lost_here, jitter, _ = struct.unpack("=Q4H", quality)[1:]
    case.check(lost_there <= 20 and lost_here <= 20 and jitter < 100,
               f"on one machine nothing is lost: {quality}")
    case.until(lambda: any(struct.unpack("=Q4H", q)[4] > 0 for q in
                           media.said("LEG_QUALITY", WEB)),
               "the round trip is known", 20)

    # keys of the browser are heard
    page.evaluate("window.track.dtmf.insertDTMF('5', 200)")
    digit = media.wait("LEG_DIGIT", WEB)
    case.equal(digit[8], 5, "the key")
    case.equal(third.ended(), b"", "what came to who has proved nothing")
    end.stop()
    media.close(PHONE)
    numbers = media.close(WEB)
    case.check(numbers["received"] > 100 and numbers["sent"] > 100,
               f"packets both ways: {numbers}")
    case.check(numbers["dropped"] <= third.sent, "packets dropped: "
               f"{numbers['dropped']}, the other's {third.sent} at most")
    case.equal(media.said("LEG_DEAD", WEB), [], "it was alive to the end")


@test(seconds=60)
def the_codec_of_the_other_leg(case):
    media, page = Media(case), page_of(case)
    end = media.phone(PHONE, TONE, "8 101")
    answer = connect(media, page, like=PHONE)
    case.check(re.search(r"^m=audio \d+ UDP/TLS/RTP/SAVPF 8 \d+\r$", answer,
                         re.M), f"PCMA, as the phone: {answer}")
    media.wait("LEG_UP", WEB)
    media.play(WEB, "greeting")
    case.until(lambda: heard_energy(page) > QUIET,
               lambda: f"it hears what is played: {page.media()}")
    end.stop()


@test(seconds=90)
def what_a_browser_says_is_recorded(case):
    """A message of its beeps, though the leg is sealed on its way."""
    media, page = Media(case), page_of(case)
    connect(media, page)
    media.wait("LEG_UP", WEB)
    media.record(WEB, 7)
    sent = page.media()["out"]["packets"]
    case.until(lambda: page.media()["out"]["packets"] > sent + 150,
               "three seconds are said")
    case.check(heard_energy(page) < QUIET, "meanwhile it hears noise alone")
    media.stop(WEB)
    name, ms, _, err = struct.unpack("=8xQIIi4x",
                                     media.wait("LEG_RECORDED", WEB))
    case.equal((name, err), (7, 0), "the message")
    case.check(2500 < ms < 60000, f"it has {ms} ms")
    with open(case.path("media", "messages", "7.sealed"), "rb") as f:
        (codec, sound), = sealed.opened(f.read(), 7, *media.keys)
    case.equal(codec, 0, "PCMU")
    case.equal(len(sound), ms * 8, "bytes of sound")
    samples = [SAMPLES[0][byte] for byte in sound]
    loud = [wav.energy(samples[i:i + 400]) > 100**2
            for i in range(0, len(samples), 400)]
    case.check(any(loud) and not all(loud), f"beeps: {loud}")
    media.close(WEB)


def router(inside, outside, port):
    """Passes UDP on that comes to a port outside, to the same one inside."""
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "io"]
    ends[0].bind((inside, 0))
    ends[0].connect((inside, port))
    ends[1].bind((outside, port))
    browser = []

    def inwards():
        while True:
            packet, sender = ends[1].recvfrom(2000)
            browser[:] = [sender]
            ends[0].send(packet)

    def outwards():
        while True:
            ends[1].sendto(ends[0].recv(2000), browser[0])

    def until_it_closes(run):
        try:
            run()
        except OSError:
            pass  # the leg's port is closed
    for run in (inwards, outwards):
        threading.Thread(target=until_it_closes, args=(run,),
                         daemon=True).start()


@test(seconds=90)
def behind_a_router(case):
    """A browser that cannot reach the machine's own address."""
    media, page = Media(case, public=OUTSIDE), page_of(case)

    def pass_on(answer):
        port = int(re.search(r"^m=audio (\d+)", answer, re.M).group(1))
        found = re.findall(r"^a=candidate:\d+ 1 udp (\d+) (\S+) (\d+)",
                           answer, re.M)
        case.equal([row[1:] for row in found],
                   [("127.0.0.1", str(port)), (OUTSIDE, str(port))],
                   "both addresses are told")
        case.check(int(found[0][0]) > int(found[1][0]), "the own one first")
        router("127.0.0.1", OUTSIDE, port)
        return re.sub(r"a=candidate:\d+ 1 udp \d+ 127\.0\.0\.1 .*\r\n", "",
                      answer)
    connect(media, page, told=pass_on)
    media.wait("LEG_UP", WEB)
    end = media.phone(PHONE, TONE)
    media.bridge(WEB, PHONE)
    case.until(lambda: heard_energy(page) > 0.05, "the browser hears a tone")
    case.until(lambda: any(len(set(p[12:])) > 20 for _, p in end.received),
               "the phone hears the browser's beeps")
    end.stop()
    case.equal(media.close(WEB)["dropped"], 0, "packets dropped")


@test(seconds=60)
def who_leaves_is_told_of(case):
    media, page = Media(case), page_of(case)
    connect(media, page)
    media.wait("LEG_UP", WEB)
    page.evaluate("window.pc.close()")
    media.wait("LEG_DEAD", WEB, 3)
    case.equal(len(media.said("LEG_DEAD", WEB)), 1, "it dies once")


@test(seconds=90)
def a_killed_browser_is_noticed(case):
    media, page = Media(case), page_of(case)
    connect(media, page)
    media.wait("LEG_UP", WEB)
    page.browser.kill()
    media.wait("LEG_DEAD", WEB, 15)


@test(seconds=60)
def keys_of_somebody_else_are_refused(case):
    def forge(sdp):
        return re.sub(r"(a=fingerprint:sha-256 )(..)",
                      lambda m: m[1] + f"{int(m[2], 16) ^ 1:02X}", sdp)
    media, page = Media(case), page_of(case)
    connect(media, page, change=forge)
    media.wait("LEG_DEAD", WEB)
    case.equal(media.said("LEG_UP", WEB), [], "it never came up")
    numbers = media.close(WEB)
    case.equal((numbers["received"], numbers["sent"]), (0, 0),
               "sound that flowed")
