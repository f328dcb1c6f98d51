# SPDX-License-Identifier: AGPL-3.0-or-later
"""The audit log: what is in it after people did things, and what it tells of
whoever changed it."""
import os
import re
import sqlite3

from api import Api
from case import build_dir, test
from line import Line
import sealed
from test_promises import owe


def rows(line):
    """(person, what, whom, call, detail) of each row."""
    return [(r["person"], r["what"], r["whom"], r["call"], r["detail"])
            for r in line.json("audit")]


def verify(line, *argv):
    done = line.command("audit", "verify", *argv, wanted=None)
    return done.returncode, done.stdout


@test()
def what_is_done_at_the_machine(t):
    line = Line(t, trunk=False)
    t.equal(rows(line), [], "rows before anything was done")
    t.equal(line.command("audit", "head").strip(), "0" * 64, "first head")
    line.person("Ana", f"sip:{t.number()}@127.0.0.1:5099")
    line.command("person", "set", "Ana", "--languages", "en")
    line.command("person", "set", "Ana", "--phone", f"+{t.number()}")
    line.command("person", "set", "Ana", "--phone", "none")
    said = line.command("person", "phone", "Ana", "--register")
    t.plant(re.search(r"^secret +(\S+)$", said, re.M).group(1))
    os.remove(line.listings)
    line.command("person", "phone", "Ana", "--forget")
    line.command("person", "off", "Ana")
    line.command("person", "add", "Ana", wanted=1)
    line.command("person", "invite", "Ana", "--role", "trainee")
    line.command("person", "remove", "Ana")
    t.equal(rows(line), [
        (0, "person_added", 1, None, None),
        (0, "person_changed", 1, None, None),
        (0, "person_changed", 1, None, None),
        (0, "person_phone", 1, None, "number"),
        (0, "person_changed", 1, None, None),
        (0, "person_phone", 1, None, "none"),
        (0, "person_phone", 1, None, "registers"),
        (0, "person_phone", 1, None, "forgotten"),
        (0, "person_duty", 1, None, "off"),
        (0, "role_changed", 1, None, "trainee"),
        (0, "person_invited", 1, None, None),
        (0, "person_removed", 1, None, None)], "rows")
    code, said = verify(line)
    t.equal(code, 0, f"verify: {said}")
    t.check("12 rows" in said, f"verify says: {said}")


@test()
def what_is_done_at_the_page(t):
    line = Line(t, trunk=False)
    for call, kind in ((1, "message"), (2, "message"), (3, "message")):
        owe(line, call, kind=kind)
    sealed.put(line, 1, bytes(8000))
    line.run()
    eva = Api(t, line).sign_up("Eva", "coordinator")
    me = eva.me["person"]
    before = len(rows(line))
    new = eva.post("/people", {
        "name": "Ida", "languages": ["en"],
        "roles": [{"line": "main", "role": "trainee"}]})["person"]
    eva.post(f"/people/{new}", {"skills": []})
    eva.post(f"/people/{new}/duty", {"on": True})
    t.plant(eva.post(f"/people/{new}/invite")["token"])
    eva.post(f"/people/{new}/remove")
    eva.post(f"/people/{new}/remove", wanted=404)
    eva.post("/me/duty", {"on": True})
    eva.ask("GET", "/promises/1/message")
    eva.ask("GET", "/promises/2/message")
    eva.post("/promises/1/keep")
    eva.post("/promises/1/keep", wanted=404)
    eva.post("/promises/2/close", {"reason": "test"})
    line.command("promise", "keep", "3", "--person", "Eva")
    wanted = [
        (me, "person_added", new, None, None),
        (me, "role_changed", new, None, "trainee:main"),
        (me, "person_changed", new, None, None),
        (me, "person_duty", new, None, "on"),
        (me, "person_invited", new, None, None),
        (me, "person_removed", new, None, None),
        (me, "message_heard", None, 1, None),
        (me, "promise_kept", None, 1, None),
        (me, "promise_closed", None, 2, "test"),
        (0, "promise_kept", me, 3, None)]
    t.until(lambda: len(rows(line)) >= before + len(wanted),
            "the line's rows are on disk")
    t.equal(rows(line)[before:], wanted, "rows")
    code, said = verify(line)
    t.equal(code, 0, f"verify: {said}")


@test()
def a_message_is_copied(t):
    """Not before that is on record."""
    line = Line(t, trunk=False)
    owe(line, 1, kind="message")
    sealed.put(line, 1, bytes(8000))
    tamper(line, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN "
                 "SELECT RAISE(ABORT, 'no'); END")
    t.equal(line.opened(1), None, "copied off the record")
    tamper(line, "DROP TRIGGER full")
    t.check(line.opened(1), "the message is copied")
    t.equal(rows(line), [(0, "message_heard", None, 1, None)], "rows")


def tamper(line, sql):
    """Somebody who may write the file, and takes the trouble."""
    db = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)
    db.executescript("DROP TRIGGER IF EXISTS audit_is_not_changed; "
                     "DROP TRIGGER IF EXISTS audit_is_not_removed; " + sql)
    db.close()


@test()
def whoever_changes_it_is_seen(t):
    line = Line(t, trunk=False)
    for name in ("Ana", "Bob", "Cem"):
        line.command("person", "add", name)
    early = line.command("audit", "head").strip()
    for name in ("Ana", "Bob", "Cem"):
        line.command("person", "remove", name)
    head = line.command("audit", "head").strip()
    t.equal(verify(line, "--head", head)[0], 0, "verify with this head")
    t.check("after row 3" in verify(line, "--head", early)[1],
            "where the earlier head is")
    t.equal(verify(line, "--head", "0f")[0], 2, "half a head")

    def seen(sql, word, *argv):
        tamper(line, "CREATE TABLE kept AS SELECT * FROM audit; " + sql)
        code, said = verify(line, *argv)
        t.equal(code, 3, f"verify after {sql}: {said}")
        t.check(word in said, f"verify after {sql}: {said}")
        tamper(line, "DELETE FROM audit; INSERT INTO audit SELECT * FROM "
                     "kept; DROP TABLE kept")
        t.equal(verify(line)[0], 0, "verify of what was put back")

    seen("UPDATE audit SET person = 2 WHERE id = 4", "Row 4 was changed")
    seen("DELETE FROM audit WHERE id = 2", "Row 2 was removed")
    seen("DELETE FROM audit WHERE id IN (2, 3)", "Rows 2 to 3 were removed")
    seen("UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 "
         "WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 9", "re-ordered")
    seen("DELETE FROM audit WHERE id > 4", "cut off", "--head", head)
    tamper(line, "DELETE FROM audit WHERE id > 4")
    t.equal(verify(line)[0], 0, "what is cut off cannot be seen alone")
    t.equal(verify(line, "--head", early)[0], 0, "an earlier head is there")


@test()
def every_word_is_explained(t):
    """And docs/audit.md explains no word that there is not."""
    root = os.path.dirname(build_dir())
    with open(os.path.join(root, "src/store/audit.h"),
              encoding="utf-8") as f:
        words = re.findall(r'X\("([a-z_]+)", "', f.read())
    with open(os.path.join(root, "docs/audit.md"), encoding="utf-8") as f:
        explained = re.findall(r"^\| `([a-z_]+)` ", f.read(), re.M)
    t.check(len(words) > 10, f"words: {words}")
    t.equal(explained, words, "words of docs/audit.md")
