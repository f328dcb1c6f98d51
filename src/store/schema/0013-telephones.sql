-- SPDX-License-Identifier: AGPL-3.0-or-later
-- People's own telephone numbers, sealed: "phone" holds addresses of ours, and
-- numbers only until the line has sealed them. See src/store/telephone.h.
ALTER TABLE person ADD COLUMN phone_dialler INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN phone_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN phone_for_dialler BLOB
    CHECK (phone_for_dialler IS NULL OR length(phone_for_dialler) = 200);
ALTER TABLE person ADD COLUMN phone_for_epoch BLOB
    CHECK (phone_for_epoch IS NULL OR length(phone_for_epoch) = 200);
