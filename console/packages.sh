#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Installs what package-lock.json lists into node_modules/, if that is not
# there yet or of another list. Usage: packages.sh build|test
# (test: also what only checks and tests need)
set -eu
cd "$(dirname "$(readlink -f "$0")")"

case ${1:-} in
    build) omit=--omit=dev ;;
    test) omit= ;;
    *) echo "packages.sh: build or test?" >&2; exit 2 ;;
esac

mark=node_modules/.ringback
list=$(sha256sum <package-lock.json)
for set in "$1" test; do
    [ "$(cat "$mark" 2>/dev/null || true)" != "$set $list" ] || exit 0
done

# shellcheck disable=SC2086
npm ci $omit --silent --no-progress || {
    echo "The console's packages could not be installed by 'npm ci' in" \
        "console/." >&2
    exit 1
}
echo "$1 $list" >"$mark"
