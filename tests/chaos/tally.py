# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was measured, summed up."""
import dataclasses


@dataclasses.dataclass
class Row:
    """One blow; times in seconds."""
    kind: str        # killed, hung, ...
    media: bool      # was it their own media process?
    recovery: float  # from its end until the line takes calls
    gap: float = None    # in the sound, if any was to be heard
    stall: float = 0     # of this machine itself meanwhile


def tell(t, rows, calls=None):
    """As figures of the test. Whatever was lost has failed it before. calls:
    how many there were, if not each had one blow."""
    kinds = sorted({row.kind for row in rows}, key=lambda kind: (
        kind != "killed", kind))
    counts = ", ".join(f"{sum(row.kind == kind for row in rows)} {kind}"
                       for kind in kinds)
    t.figure(f"{calls or len(rows)} calls ({counts}): 0 lost, 0 records lost")
    for kind in kinds:
        mine = [row for row in rows if row.kind == kind]
        for media, whose in ((False, "another process is"),
                             (True, "their own media process is")):
            gap_of(t, [r for r in mine if r.media == media
                       and r.gap is not None], f"{whose} {kind}")
        took = [row.recovery for row in mine]
        t.figure(f"time to recovery, {kind}: {max(took):.2f} s at most, "
                 f"{sum(took) / len(took):.2f} s on average")


def gap_of(t, rows, what):
    if not rows:
        return
    worst = max(rows, key=lambda row: row.gap)
    blamed = max(row.gap - row.stall for row in rows)
    t.figure(f"longest gap in the sound when {what}: "
             f"{worst.gap * 1000:.0f} ms, while this machine itself stalled "
             f"for {worst.stall * 1000:.0f} ms; without its stalls "
             f"{max(0, blamed) * 1000:.0f} ms")
