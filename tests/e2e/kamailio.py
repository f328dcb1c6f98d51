# SPDX-License-Identifier: AGPL-3.0-or-later
"""Kamailio as a provider: registrar and proxy with digest, in memory."""
import os
import socket

from case import Failed

CONFIG = """\
#!KAMAILIO
debug={debug}
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:{host}:{port}
listen=tcp:{host}:{port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", {expires})
modparam("registrar", "min_expires", 1)
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_expire", {nonce_expire})

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route() || is_method("ACK")) t_relay();
        exit;
    }}
    if (is_method("REGISTER")) {{
        if (!pv_auth_check("{realm}", "{secret}", "0", "1")) {{
            auth_challenge("{realm}", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    record_route();
    if (is_method("INVITE") && "{challenged}" != ""
            && $rU == "{challenged}") {{
        if ({challenge} == 407
                && !pv_proxy_authenticate("{realm}", "{secret}", "0")) {{
            proxy_challenge("{realm}", "1");
            exit;
        }}
        if ({challenge} == 401
                && !pv_www_authenticate("{realm}", "{secret}", "0")) {{
            www_challenge("{realm}", "1");
            exit;
        }}
        consume_credentials();
        append_hf("X-Proved: yes\r\n");
    }}
    if (!lookup("location")) {{
        if (is_method("INVITE") && "{beyond}" != "") {{
            if ($hdr(Privacy) =~ "id") remove_hf("P-Asserted-Identity");
            $du = "sip:{beyond}";
            t_relay();
            exit;
        }}
        sl_send_reply("404", "Not Found");
        exit;
    }}
    t_relay();
}}
"""


class Kamailio:
    """One proxy; challenged: the user to whom an INVITE needs credentials
    (challenge: 401 or 407); who does not know the secret may not register.
    beyond: "HOST:PORT" of the telephone network, where everybody else is; who
    withholds a number is not told of there (RFC 3325)."""

    def __init__(self, case, name="kamailio", secret="s3cret",
                 algorithm="MD5", expires=3600, nonce_expire=300,
                 challenged="", challenge=407, beyond="", host="127.0.0.1",
                 port=None):
        self.case, self.name = case, name
        self.host, self.port = host, port or case.port()
        self.address = f"{host}:{self.port}"
        self.realm = host
        config = case.path(f"{name}.cfg")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(
                host=host, port=self.port, secret=secret, realm=self.realm,
                algorithm=algorithm, expires=expires,
                nonce_expire=nonce_expire, challenged=challenged,
                challenge=challenge, beyond=beyond, debug=2))
        run = case.path(f"{name}.run")
        os.mkdir(run)
        self.log = case.path(f"{name}.log")
        self.process = case.spawn(
            ["kamailio", "-DD", "-E", "-f", config, "-m", "16", "-M", "4",
             "-Y", run, "-w", run], f"{name}.log")
        case.until(self.answers, f"{name} answers", 15)

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                raise Failed(f"{self.name} ended: {f.read()[-600:]}")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.3)
            s.bind((self.host, 0))
            port = s.getsockname()[1]
            s.sendto((f"OPTIONS sip:none@{self.address} SIP/2.0\r\n"
                      f"Via: SIP/2.0/UDP {self.host}:{port}"
                      ";branch=z9hG4bK-up\r\n"
                      "From: <sip:up@test>;tag=1\r\nTo: <sip:up@test>\r\n"
                      "Call-ID: up\r\nCSeq: 1 OPTIONS\r\n"
                      "Max-Forwards: 5\r\nContent-Length: 0\r\n\r\n"
                      ).encode(), (self.host, self.port))
            try:
                return s.recv(2000).startswith(b"SIP/2.0")
            except OSError:
                return False
