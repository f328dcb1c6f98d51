#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Installs the Debian packages that Ringback needs, if any is missing, and the
# packages of its console.
# Usage: install-deps.sh build [test] [check]
set -eu

build="gcc meson ninja-build pkg-config libre-dev librem-dev libsqlite3-dev
    libconfuse-dev libjansson-dev libsodium-dev libsrtp2-dev liboath-dev
    libgfshare-dev libqrencode-dev python3-mnemonic libmicrohttpd-dev
    libfido2-dev libcbor-dev libseccomp-dev libssl-dev zlib1g-dev espeak-ng sox tzdata"
run_tests="libcmocka-dev python3 python3-jsonschema sip-tester baresip-core
    kamailio sqlite3 chromium curl"
check="clang clang-format libclang-rt-14-dev llvm-14"

# What steers Chromium in the tests: exactly what the lock file says.
browser=$(dirname "$(readlink -f "$0")")/../tests/browser

node_install() {
    have=$browser/node_modules/.package-lock.json
    [ -f "$have" ] && [ ! "$browser/package-lock.json" -nt "$have" ] && return
    echo "Installing what drives a browser in the tests"
    (cd "$browser" && npm ci --silent)
}

# The console's packages, as its package-lock.json lists them.
packages() {
    for set in "$@"; do
        [ "$set" = check ] || "$browser/../../console/packages.sh" "$set"
    done
    [ -z "$tests" ] || node_install
}

wanted=""
tests=""
for set in "$@"; do
    case $set in
        build) wanted="$wanted $build" ;;
        test) wanted="$wanted $run_tests" tests=1 ;;
        check) wanted="$wanted $check" ;;
        *) echo "install-deps.sh: no set of packages '$set'" >&2; exit 2 ;;
    esac
done

# Node.js and npm may be there in another way than as packages of Debian
command -v node >/dev/null || wanted="$wanted nodejs"
command -v npm >/dev/null || wanted="$wanted npm"

missing=""
for p in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $p"
done
if [ -z "$missing" ]; then
    packages "$@"
    exit 0
fi

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
packages "$@"
