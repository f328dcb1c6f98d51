-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a trunk has to show when it is reached by TLS, and whether its sound is
-- sealed there.
ALTER TABLE trunk ADD COLUMN certificate TEXT NOT NULL DEFAULT ''
    CHECK (length(certificate) IN (0, 64)); -- SHA-256, in hex
ALTER TABLE trunk ADD COLUMN srtp TEXT NOT NULL DEFAULT 'usual'
    CHECK (srtp IN ('usual', 'off', 'offer', 'require'));
