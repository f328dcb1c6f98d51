# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several lines side by side, each in a process of its own with a folder and
ports of its own, as if each were a test."""
import json
import multiprocessing
import os
import traceback

from case import Case, Failed
from tally import Row


def one(name, folder, job, argv):
    """Do the job; what came of it is in its folder."""
    os.mkdir(folder)
    it, rows, reason = None, [], ""
    try:
        it = Case(name, folder)
        rows = job(it, *argv)
    except Failed as failure:
        reason = str(failure)
    except Exception:  # a bug of the test is a failure of the test
        reason = traceback.format_exc()
    try:
        if it:
            it.finish(orderly=not reason)
    except Exception as failure:
        reason = reason or f"at the end: {failure}"
    with open(os.path.join(folder, "rows.json"), "w", encoding="utf-8") as f:
        json.dump({"reason": reason, "rows": [vars(row) for row in rows],
                   "planted": it.planted if it else [],
                   "said": it.said if it else []}, f)


def side_by_side(t, jobs, job):
    """job(case, *argv) for each argv, all at the same time; all their
    rows."""
    fork = multiprocessing.get_context("fork")
    folders = [t.path(str(i)) for i in range(len(jobs))]
    children = [fork.Process(target=one, args=(f"{t.name}-{i}", folder, job,
                                               argv))
                for i, (folder, argv) in enumerate(zip(folders, jobs))]
    for child in children:
        child.start()
    for child in children:
        child.join()
    rows, reasons = [], []
    for folder in folders:
        with open(os.path.join(folder, "rows.json"), encoding="utf-8") as f:
            got = json.load(f)
        rows += [Row(**row) for row in got["rows"]]
        t.planted += got["planted"]
        t.said += got["said"]
        reasons += [got["reason"]] if got["reason"] else []
    t.check(not reasons, "; ".join(reasons))
    return rows
