#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run one end-to-end test in its own process. Called by tests/run.py.

Usage: one.py MODULE.NAME FOLDER
Writes FOLDER/result.json: ok, reason, and what the privacy check needs.
"""
import importlib
import json
import os
import signal
import sys
import traceback

import case


def terminated(_number, _frame):
    raise case.Failed("time is up")


def run(name, folder):
    module, _, function = name.partition(".")
    it = case.Case(name, folder)
    verdict, reason = "ok", ""
    try:
        getattr(importlib.import_module(module), function)(it)
    except case.Skipped as skip:
        verdict, reason = "skipped", str(skip)
    except case.Failed as failure:
        where = traceback.extract_tb(failure.__traceback__)
        row = next((f.lineno for f in where
                    if f.name == function), where[-1].lineno)
        verdict, reason = "failed", f"line {row}: {failure}"
    except Exception:  # a bug of the test is a failure of the test
        verdict, reason = "failed", traceback.format_exc()
    try:
        it.finish(orderly=verdict == "ok")
    except Exception as failure:
        if verdict != "failed":
            verdict, reason = "failed", f"at the end: {failure}"
    with open(os.path.join(folder, "result.json"), "w",
              encoding="utf-8") as f:
        json.dump({"verdict": verdict, "reason": reason,
                   "planted": it.planted, "said": it.said,
                   "figures": it.figures}, f)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:0] = [here, *(os.path.join(os.path.dirname(here), suite)
                            for suite in ("seized", "chaos"))]
    signal.signal(signal.SIGTERM, terminated)
    run(sys.argv[1], sys.argv[2])
