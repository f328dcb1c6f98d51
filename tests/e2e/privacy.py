# SPDX-License-Identifier: AGPL-3.0-or-later
"""No number that a test planted may stand in what Ringback says.

Tests plant callers' and dialled numbers, counsellors' phone users and keyed
digits; every log and every listing of the programs is searched for them.
"""
import os


class Evidence:
    """What one test planted, and what Ringback said while it ran. Read at
    once: the test's folder does not stay."""

    def __init__(self, test, planted, said):
        self.test = test
        self.planted = list(planted)
        self.said = []  # (file's name, its text)
        for path in said:
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    self.said.append((os.path.basename(path), f.read()))
            except OSError:
                pass


def leaks(evidence):
    """One line for each planted thing and file that says it."""
    planted = {p: e.test for e in evidence for p in e.planted}
    found = []
    for e in evidence:
        for name, text in e.said:
            for secret in (p for p in planted if p in text):
                row = next(r for r in text.splitlines() if secret in r)
                found.append(f"{e.test}: {name} says what {planted[secret]} "
                             f"planted: {row[:160]}")
    return found


def self_test(evidence, folder):
    """Plant one number of the first test in a copy of its log: it must be
    found. Returns complaints."""
    first = next((e for e in evidence if e.planted and e.said), None)
    if not first:
        return []
    copy = os.path.join(folder, "planted.log")
    name, text = first.said[0]
    with open(copy, "w", encoding="utf-8") as f:
        f.write(text + f"\nline: call 7 from <sip:{first.planted[0]}@x>\n")
    again = Evidence(first.test, first.planted, [copy])
    before = Evidence(first.test, first.planted, [])
    before.said = first.said[:1]
    if len(leaks([again])) == len(leaks([before])) + 1:
        return []
    return [f"a number planted in a copy of {name} is not found"]
