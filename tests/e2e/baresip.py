# SPDX-License-Identifier: AGPL-3.0-or-later
"""Baresip without a sound card: plays a WAV file, records what it hears."""
import json
import os
import re
import socket
import time

from case import SLOW, Failed

MODULES = ("account", "menu", "g711", "aufile", "sndfile", "ctrl_tcp",
           "uuid")

# one message of its trace: from where
TRACED = re.compile(r"#\r?\n(?:UDP|TCP|TLS) (\S+) -> \S+\r?\n")


HANGS_UP = "call: terminate call"  # in its log


class Baresip:
    """One user agent on one address; answers by itself if told to."""

    def __init__(self, case, name, host="127.0.0.1", user=None, wav=None,
                 codecs=("PCMU", "PCMA"), answers=False, account=None,
                 tcp=False, trace=False, modules=(), transport=None,
                 mediaenc=None):
        self.case, self.name = case, name
        self.folder = case.path(name)
        self.port, self.control = case.port(), case.port()
        rtp = case.port(4)
        self.user = user or case.number()
        bracketed = f"[{host}]" if ":" in host else host
        self.uri = f"sip:{self.user}@{bracketed}:{self.port}" + (
            ";transport=tcp" if tcp else "")
        os.mkdir(self.folder)
        rows = [f"sip_listen {bracketed}:{self.port}",
                f"net_interface {host}",
                f"rtp_ports {rtp}-{rtp + 3}",
                f"ctrl_tcp_listen 127.0.0.1:{self.control}",
                # from its working folder: baresip cuts long paths off
                f"snd_path {name}",
                f"audio_source aufile,{wav}" if wav else "",
                f"audio_player aufile,{name}/player.wav",
                "audio_alert none,none",
                "audio_txmode thread",
                "jitter_buffer_delay 1-5",
                "call_max_calls 4",
                "module_path /usr/lib/baresip/modules"]
        rows += [f"module{'_app' if m in ('account', 'menu') else ''} {m}.so"
                 for m in (*MODULES, *modules)]
        transport = transport or ("tcp" if tcp else None)
        transport = f";transport={transport}" if transport else ""
        account = account or f"<sip:{self.user}@{bracketed}{transport}>" \
                             ";regint=0"
        account += ";audio_codecs=" + ",".join(f"{c}/8000/1" for c in codecs)
        if mediaenc:
            account += f";mediaenc={mediaenc}"
        if answers:
            account += ";answermode=auto"
        self.write("config", rows)
        self.write("accounts", [account])
        self.write("contacts", [])
        self.process = case.spawn(["baresip", "-v", *(["-s"] if trace else []),
                                   "-f", self.folder],
                                  f"{name}.log")
        case.until(lambda: "baresip is ready" in self.words(),
                   lambda: f"{name} is ready ({self.words()[-200:]})")
        self.link = socket.create_connection(("127.0.0.1", self.control))
        self.link.settimeout(10)
        self.told = ""   # by its control connection

    def write(self, name, rows):
        with open(os.path.join(self.folder, name), "w",
                  encoding="utf-8") as f:
            f.write("\n".join(rows) + "\n")

    def words(self):
        if self.process_ended():
            raise Failed(f"{self.name} ended: {self.log_tail()}")
        return self.log_tail(100000)

    def texts(self, sent=False):
        """With trace: all SIP messages that came (or went), as they were."""
        with open(self.case.path(f"{self.name}.log"), encoding="utf-8",
                  errors="replace", newline="") as f:
            parts = TRACED.split(f.read())
        return [text.partition("\x1b[;m")[0] for source, text
                in zip(parts[1::2], parts[2::2])
                if source.endswith(f":{self.port}") == sent]

    def process_ended(self):
        return hasattr(self, "process") and self.process.poll() is not None

    def log_tail(self, n=300):
        try:
            with open(self.case.path(f"{self.name}.log"), encoding="utf-8",
                      errors="replace") as f:
                return re.sub(r"\x1b\[[0-9;]*m", "", f.read())[-n:]
        except FileNotFoundError:
            return ""

    def command(self, command, params=""):
        """One command of baresip's menu, over its control connection."""
        text = json.dumps({"command": command, "params": params})
        self.link.sendall(f"{len(text)}:{text},".encode())

    def dial(self, uri):
        self.command("dial", uri)

    def hang_up(self):
        """Said once more if nothing comes of it: once in hundreds baresip did
        not act on it, and it is not what is under test."""
        before = self.log_tail(1000000).count(HANGS_UP)
        self.command("hangup")
        end = time.monotonic() + 2 * SLOW
        while self.log_tail(1000000).count(HANGS_UP) == before:
            if self.process_ended():
                return
            if time.monotonic() > end:
                self.command("hangup")
                return
            time.sleep(0.02)

    def press(self, keys):
        """Press keys (RFC 4733)."""
        self.command("sndcode", keys)

    def listen(self):
        """All that its control connection has told so far."""
        self.link.setblocking(False)
        try:
            while True:
                got = self.link.recv(65536)
                if not got:
                    break
                self.told += got.decode(errors="replace")
        except BlockingIOError:
            pass
        self.link.settimeout(10)
        return self.told

    def keys(self):
        """Keys that were pressed for us, in order."""
        return re.findall(r'"CALL_DTMF_START".*?"param":"(.)"',
                          self.listen())

    def talks(self, n=1, seconds=10):
        self.case.until(
            lambda: self.words().count("Call established") >= n,
            lambda: f"{self.name} is in a call ({self.log_tail()})", seconds)

    def ended(self, n=1, seconds=10):
        self.case.until(
            lambda: len(re.findall(r"session closed|Call with .* terminated",
                                   self.words())) >= n,
            lambda: f"{self.name}'s call has ended ({self.log_tail()})",
            seconds)

    def recording(self):
        """What it heard, as a file."""
        found = [f for f in os.listdir(self.folder)
                 if f.startswith("dump-") and f.endswith("-dec.wav")]
        if len(found) != 1:
            raise Failed(f"{self.name} made {len(found)} recordings")
        return os.path.join(self.folder, found[0])
