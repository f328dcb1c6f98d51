#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Installs the Debian packages that Ringback needs, if any is missing.
# Usage: install-deps.sh build [test] [check]
set -eu

build="gcc meson ninja-build pkg-config libre-dev librem-dev libsqlite3-dev
    libconfuse-dev libjansson-dev libsodium-dev libssl-dev zlib1g-dev
    espeak-ng sox tzdata"
run_tests="libcmocka-dev python3 sip-tester baresip-core kamailio sqlite3"
check="clang clang-format libclang-rt-14-dev llvm-14"

wanted=""
for set in "$@"; do
    case $set in
        build) wanted="$wanted $build" ;;
        test) wanted="$wanted $run_tests" ;;
        check) wanted="$wanted $check" ;;
        *) echo "install-deps.sh: no set of packages '$set'" >&2; exit 2 ;;
    esac
done

missing=""
for p in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "Ringback needs these Debian packages. Please run:" >&2
    echo "  sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
