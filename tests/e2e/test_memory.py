# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages remember keys: of a store that was set back, of colleagues; and they
say what does not open. Nothing that was written is lost."""
import os
import shutil
import sqlite3

from api import Api
from browser import Browser
from case import test
from counsellor import PASSPHRASE, Console, invite
from line import Line
import sealed
from test_promises import owe
from test_vault import OPEN, SECRET, call_page, key_post, rows, unlock

OF_THE_PAGE = True  # see tests/run.py

SET_BACK = "older or other keys"
MEMORY = "JSON.parse(localStorage.getItem('ringback.keys'))"


def change(line, query, *values):
    store = sqlite3.connect(os.path.join(line.data, "store.db"), timeout=20)
    with store:
        n = store.execute(query, values).rowcount
    store.close()
    return n


def current(line):
    (epoch,), = rows(line, "SELECT id FROM epoch WHERE line = 'main'"
                     " AND current = 1")
    return str(epoch)


def store_put(line, to, back=False):
    """Of a line that does not run, or back."""
    for name in ("store.db", "store.db-wal", "store.db-shm"):
        here, there = os.path.join(line.data, name), os.path.join(to, name)
        if back:
            here, there = there, here
        if os.path.exists(there):
            os.remove(there)
        if os.path.exists(here):
            shutil.copy2(here, there)


def remembers(who, epoch):
    who.case.until(lambda: who.page.evaluate(
        f"{MEMORY}?.highest.main") == epoch, f"epoch {epoch} is remembered",
        30)


@test(seconds=240)
def a_store_that_was_set_back(t):
    """The page warns, seals nothing and keeps what was written; as soon as the
    store is the right one, it goes on."""
    line = Line(t)
    line.steady = False
    owe(line, 1)
    line.run()
    ana = Console(t, Browser(t), line, "Ana").sign_up()
    call_page(ana)
    ana.page.wait("textbox", "Write a note", 30)
    remembers(ana, current(line))
    old, new = t.path("old"), t.path("new")
    os.mkdir(old)
    os.mkdir(new)
    line.stop()
    store_put(line, old)
    line.run()
    before = current(line)
    key_post(Api(t, line).sign_up("Eva"))
    t.check(current(line) != before, "a new key of the line")
    remembers(ana, current(line))
    line.stop()
    store_put(line, new)
    store_put(line, old, back=True)
    line.run()

    ana.page.wait_text(SET_BACK, 60)
    t.equal(current(line), before, "set back")
    ana.page.fill("Write a note", SECRET)
    ana.page.click("button", "Keep this note")
    ana.page.wait_text("Nothing was sealed", 20)
    ana.page.wait_text("The draft could not be kept", 20)
    for table in ("note", "draft"):
        t.equal(rows(line, f"SELECT count(*) FROM {table}"), [(0,)], table)
    t.equal([r["url"] for r in ana.page.requests() if r["method"] == "POST"
             and r["url"].endswith(("/notes", "/draft"))], [], "sent")
    ana.page.accessible("set back")

    line.stop()
    store_put(line, new, back=True)
    line.run()
    t.until(lambda: SET_BACK not in ana.page.text(), "no doubt any more", 60)
    ana.page.click("button", "Keep this note")
    ana.page.wait_text("Ana, ", 20)
    ana.page.wait_text(SECRET, 20)
    t.equal(rows(line, "SELECT count(*) FROM note"), [(1,)], "notes")


@test(seconds=240)
def what_does_not_open_is_said(t):
    """A colleague's grant, one's own key, a passphrase, a message: each in
    plain words, and given anew where somebody can."""
    line = Line(t)
    owe(line, 1)
    owe(line, 2, kind="message")
    line.run()
    browser = Browser(t)
    ana = Console(t, browser, line, "Ana").sign_up()
    ben = Console(t, browser, line, "Ben",
                  invite(line, "Ben", "coordinator")).sign_up()
    call_page(ana)
    ana.page.fill("Write a note", SECRET, seconds=30)
    ana.page.click("button", "Keep this note")
    ana.page.wait_text("Ana, ", 20)
    (epoch,), = rows(line, "SELECT epoch FROM note")
    bens = ben.page.evaluate("fetch('/api/v1/me').then((r) => r.json())"
                             ".then((me) => me.person)")

    # what Ben was given is torn: his page says so, Ana's gives it anew
    (grant,), = rows(line, "SELECT sealed FROM epoch_grant WHERE epoch = ?"
                     " AND person = ?", epoch, bens)
    torn = grant[:150] + bytes([grant[150] ^ 1]) + grant[151:]
    path = sealed.put(line, 2, bytes([0xff]) * 4000)
    t.equal(change(line, "UPDATE epoch_grant SET sealed = ? WHERE epoch = ?"
                   " AND person = ?", torn, epoch, bens), 1, "torn")
    ben.page.reload()
    call_page(ben)
    unlock(ben)
    ben.page.wait_text(SECRET, 60)
    t.equal([r["whom"] for r in line.json("audit")
             if r["what"] == "grant_refused"], [bens], "on record")
    t.check(rows(line, "SELECT sealed FROM epoch_grant WHERE epoch = ? AND"
                 " person = ?", epoch, bens) not in ([(torn,)], []),
            "given anew")

    # a message of which a piece is missing
    ben.page.evaluate("location.hash = '#/promises'")
    with open(path, "rb+") as f:
        whole = f.read()
        f.seek(sealed.LID + 200)
        f.write(whole[sealed.LID + 300:])
        f.truncate()
    ben.page.click("button", "Listen", seconds=30)
    ben.page.wait_text("This message is damaged", 20)
    t.equal(os.path.getsize(path), len(whole) - 100, "it stays as it is")

    # the key that the server keeps for Ben
    (wrapped,), = rows(line, "SELECT wrapped FROM identity WHERE person = ?",
                       bens)
    for bad, said in ((wrapped[:60] + bytes([wrapped[60] ^ 1]) +
                       wrapped[61:], "your key on the server is damaged"),
                      (wrapped, None)):
        t.equal(change(line, "UPDATE identity SET wrapped = ? WHERE"
                       " person = ?", bad, bens), 1, "wrapped")
        ben.page.reload()
        call_page(ben)
        ben.page.wait("button", OPEN, 30)
        ben.page.fill("Passphrase", "another one of four", exact=True)
        ben.page.click("button", OPEN)
        ben.page.wait_text("That is not your passphrase", 40)
        ben.page.fill("Passphrase", PASSPHRASE, exact=True)
        ben.page.click("button", OPEN)
        ben.page.wait_text(said or SECRET, 40)
