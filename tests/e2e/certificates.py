# SPDX-License-Identifier: AGPL-3.0-or-later
"""An authority of a test's own, and certificates that it vouches for, or not."""
import os
import subprocess

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
LONG_AGO = "20200101000000Z"
CONFIG = """\
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


def openssl(*argv):
    subprocess.run(["openssl", *argv], check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)


class Authority:
    """ca: what to trust."""

    def __init__(self, case):
        self.folder = case.path("authority")
        os.mkdir(self.folder)
        for name, text in (("index.txt", ""), ("serial", "01\n"),
                           ("ca.cnf", CONFIG.format(folder=self.folder))):
            with open(self.file(name), "w", encoding="utf-8") as f:
                f.write(text)
        self.ca = self.file("ca.pem")
        openssl("req", "-x509", *KEY, "-days", "2", "-subj", "/CN=Authority",
                "-keyout", self.file("ca.key"), "-out", self.ca)

    def file(self, name):
        return os.path.join(self.folder, name)

    def made(self, name, san="IP:127.0.0.1", expired=False, own=False):
        """Certificate and key; own: nobody vouches for it."""
        key, cert = self.file(f"{name}.key"), self.file(f"{name}.pem")
        subject = ("-subj", f"/CN={name}", "-addext",
                   f"subjectAltName={san}")
        if own:
            openssl("req", "-x509", *KEY, *subject, "-days", "2", "-keyout",
                    key, "-out", cert)
            return cert, key
        openssl("req", "-new", *KEY, *subject, "-keyout", key, "-out",
                self.file(f"{name}.csr"))
        when = ("-startdate", LONG_AGO, "-enddate", "20210101000000Z") \
            if expired else ("-days", "2")
        openssl("ca", "-batch", "-notext", "-config", self.file("ca.cnf"),
                "-cert", self.ca, "-keyfile", self.file("ca.key"), *when,
                "-in", self.file(f"{name}.csr"), "-out", cert)
        return cert, key

    @staticmethod
    def both(cert, key, path):
        """One file, as baresip wants it."""
        with open(path, "w", encoding="utf-8") as out:
            for name in (cert, key):
                with open(name, encoding="utf-8") as f:
                    out.write(f.read())
        return path
