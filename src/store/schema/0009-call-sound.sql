-- SPDX-License-Identifier: AGPL-3.0-or-later
-- How the talks of a call in the browser sounded, all of them together: by
-- reports of the browser and of ours, about five seconds apart. 0 reports:
-- there was no such talk, or it was too short for one.
ALTER TABLE call ADD COLUMN sound_reports INTEGER NOT NULL DEFAULT 0
    CHECK (sound_reports >= 0);
ALTER TABLE call ADD COLUMN loss_mean INTEGER NOT NULL DEFAULT 0
    CHECK (loss_mean BETWEEN 0 AND 1000);         -- per mille, worse direction
ALTER TABLE call ADD COLUMN loss_worst INTEGER NOT NULL DEFAULT 0
    CHECK (loss_worst BETWEEN 0 AND 1000);        -- the same, one report
ALTER TABLE call ADD COLUMN jitter_ms INTEGER NOT NULL DEFAULT 0
    CHECK (jitter_ms >= 0);                       -- the worst report
ALTER TABLE call ADD COLUMN rtt_ms INTEGER NOT NULL DEFAULT 0
    CHECK (rtt_ms >= 0);                          -- the worst report
