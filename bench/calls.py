#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""CPU and latency of calls through the queue, every record committed to disk.

sipp callers dial a line at a steady rate, one sipp plays all counsellors.
Printed: CPU seconds of ringback-line and ringback-media per 1000 calls, the
same for the sipp that answers (a SIP end point that does nothing else, in the
same run on the same machine), their ratio, and how long INVITE to 200 took.
Only ratios mean anything on a shared machine.

Usage: bench/calls.py [--calls 2000] [--rate 40] [--build build]
"""
import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

UAC = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="caller">
<send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:line@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:bench@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:line@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:bench@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rtd="1" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:bench@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:line@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<pause milliseconds="{talk}"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:bench@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:line@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""

UAS = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="counsellor">
<recv request="INVITE" crlf="true" rrs="true"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 101
a=rtpmap:101 telephone-event/8000

]]></send>
<recv request="ACK" optional="true"/>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_s(pid):
    """User and system time of a process, seconds."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


class Line:
    """A line in a folder of its own, with counsellors at one sipp."""

    def __init__(self, ringback, folder, n_people, phone_port):
        self.ringback, self.data = ringback, os.path.join(folder, "line")
        self.port = free_port()
        self.do("init", "--sip", f"127.0.0.1:{self.port}",
                "--media", "127.0.0.1:10000-19999")
        conf = os.path.join(self.data, "ringback.conf")
        with open(conf, encoding="utf-8") as f:
            text = f.read().replace('log = "note"', 'log = "error"')
        # all of this comes from one number
        text = re.sub(r"^(calls_a_minute|most_waiting) = \d+", r"\1 = 0",
                      text, flags=re.M)
        with open(conf, "w", encoding="utf-8") as f:
            f.write(text)
        self.do("trunk", "add", "bench", "--from", "127.0.0.1")
        for i in range(n_people):
            self.do("person", "add", f"p{i}", "--phone",
                    f"sip:p{i}@127.0.0.1:{phone_port}", "--wrap-up", "0",
                    "--on")
        self.log = open(os.path.join(folder, "log"), "w", encoding="utf-8")
        self.keeper = subprocess.Popen(
            [ringback, "run", "--data", self.data], stderr=self.log)
        self.do("status", "--wait", "10")
        status = json.loads(self.do("status", "--json"))
        self.pids = {p["name"]: p["pid"] for p in status["processes"]}

    def do(self, *words):
        return subprocess.run([self.ringback, *words, "--data", self.data],
                              check=True, capture_output=True,
                              text=True).stdout

    def stop(self):
        self.keeper.send_signal(signal.SIGTERM)
        self.keeper.wait(15)
        self.log.close()


def sipp(folder, name, scenario, *words):
    path = os.path.join(folder, name + ".xml")
    with open(path, "w", encoding="ascii") as f:
        f.write(scenario)
    return subprocess.Popen(
        ["sipp", "-sf", path, "-i", "127.0.0.1", "-mi", "127.0.0.1",
         "-nostdin", *words], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def response_times(folder):
    """Milliseconds from INVITE to 200, from sipp's -trace_rtt files."""
    values = []
    for name in os.listdir(folder):
        if name.endswith("_rtt.csv"):
            with open(os.path.join(folder, name), encoding="ascii") as f:
                for row in f.read().splitlines()[1:]:
                    values.append(float(row.split(";")[1]))
    return values


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--calls", type=int, default=2000)
    args.add_argument("--rate", type=int, default=40)
    args.add_argument("--people", type=int, default=40)
    args.add_argument("--talk-ms", type=int, default=300)
    args.add_argument("--build", default="build")
    opt = args.parse_args()
    ringback = os.path.abspath(os.path.join(opt.build, "bin", "ringback"))

    with tempfile.TemporaryDirectory(prefix="ringback-bench-") as folder:
        phone_port = free_port()
        phones = sipp(folder, "uas", UAS, "-p", str(phone_port))
        line = Line(ringback, folder, opt.people, phone_port)
        before = {n: cpu_s(p) for n, p in line.pids.items()}
        phones_before = cpu_s(phones.pid)
        started = time.monotonic()
        callers = sipp(folder, "uac",
                       UAC.replace("{talk}", str(opt.talk_ms)),
                       f"127.0.0.1:{line.port}", "-p", str(free_port()),
                       "-r", str(opt.rate), "-m", str(opt.calls), "-l",
                       "4000", "-trace_rtt", "-rtt_freq", "50")
        code = callers.wait(600)
        took = time.monotonic() - started
        time.sleep(0.5)
        used = {n: cpu_s(p) - before[n] for n, p in line.pids.items()}
        phones_used = cpu_s(phones.pid) - phones_before
        memory = {n: rss_kib(p) for n, p in line.pids.items()}
        calls = json.loads(line.do("calls", "--json"))
        line.stop()
        phones.kill()
        phones.wait()
        times = response_times(folder)

    k = opt.calls / 1000
    ours = used["ringback-line"] + used["ringback-media"]
    talked = sum(c["outcome"] == "talked" for c in calls)
    print(f"{opt.calls} calls at {opt.rate}/s in {took:.1f} s; sipp says "
          f"{'all good' if code == 0 else 'some failed'}; "
          f"on record {len(calls)}, talked {talked}")
    print(f"CPU s per 1000 calls: line {used['ringback-line'] / k:.2f}, "
          f"media {used['ringback-media'] / k:.2f}, both {ours / k:.2f}; "
          f"answering sipp {phones_used / k:.2f}; "
          f"ratio {ours / max(phones_used, 0.01):.1f}")
    if times:
        print(f"INVITE to 200, ms: p50 {percentile(times, 0.5):.1f}, "
              f"p99 {percentile(times, 0.99):.1f}, max {max(times):.1f}")
    print("RSS at the end, MiB: " + ", ".join(
        f"{n} {m / 1024:.1f}" for n, m in sorted(memory.items())))
    sys.exit(code)


if __name__ == "__main__":
    main()
