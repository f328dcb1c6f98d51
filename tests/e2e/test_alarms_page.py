# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a coordinator's page says while something is wrong with the server: a
full disk, a flood of calls."""
import os

from browser import Browser
from case import test
from counsellor import Console, invite
from line import Line
from test_trouble import fill, room, small_disk

OF_THE_PAGE = True  # see tests/run.py

DISK = "not been able to write to its disk"
FLOOD = "Far more calls than usual have come"


def shown(who):
    return who.page.evaluate("document.body.innerText")


def coordinator(t, **options):
    line = Line(t, **options)
    line.run()
    return line, Console(t, Browser(t), line, "Eva",
                         invite(line, "Eva", "coordinator")).sign_up()


@test(seconds=180)
def a_full_disk_and_a_flood(t):
    """Each is shown as it begins, without a reload; the disk's goes as soon as
    all is written."""
    small_disk(t, t.path("line"), "8m")
    line, eva = coordinator(t, calls_a_minute=5)
    t.check(DISK not in shown(eva) and FLOOD not in shown(eva), "at first")
    for _ in range(8):
        room(line)
    eva.page.wait_text(FLOOD, 30)
    filler = os.path.join(line.data, "filler")
    fill(filler)
    for _ in range(60):
        if line.status()["unwritten"]:
            break
        room(line)
    eva.page.wait_text(DISK, 30)
    eva.page.accessible("alarms")
    os.remove(filler)
    t.until(lambda: DISK not in shown(eva), "the disk's alarm goes", 40)
    t.check(FLOOD in shown(eva), "the flood's stays")


@test(seconds=300, long=True)
def until_the_flood_is_over(t):
    """After two quiet minutes."""
    line, eva = coordinator(t, calls_a_minute=5)
    for _ in range(8):
        room(line)
    eva.page.wait_text(FLOOD, 30)
    t.until(lambda: FLOOD not in shown(eva), "it goes", 180)
