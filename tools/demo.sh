#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# A working line on this machine: a counsellor's phone that answers, callers
# who dial in one after the other, one who finds nobody on duty and is rung
# back, and then you: as a caller, or as a counsellor in a browser, for whom
# somebody calls whenever you are on duty. Called by `make demo`; runs until
# Ctrl-C. Leaves nothing behind but the folder demo-data.
set -eu
umask 077

BUILD=${BUILD:-build}
SIP_PORT=${SIP_PORT:-5060}
HTTP_PORT=${HTTP_PORT:-8080}
CALLERS=${CALLERS:-3}
MEDIA_PORTS=${MEDIA_PORTS:-20000-20999}

host=127.0.0.1
data=$PWD/demo-data
mark=$data/made-by-make-demo
ringback=$BUILD/bin/ringback
talk_s=5
patience_s=120 # of a caller who is offered to you
keeper=""
dialled=""
counsellor=""
at_home=""

fail() {
    echo "demo: $*" >&2
    exit 1
}

# Asked to end: SIGTERM, and wait until it has.
stop() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# What a keeper that was killed has left running, the next one stops.
sweep() {
    "$ringback" status --data "$data" 2>/dev/null | grep -q stopped && return
    "$ringback" run --data "$data" 2>>"$data/line.log" &
    keeper=$!
    "$ringback" status --wait 5 --data "$data" >/dev/null 2>&1 || true
    stop "$keeper"
}

leave() {
    status=$?
    trap - INT TERM EXIT
    trap '' PIPE # our reader may be gone; what we started must go too
    if [ -n "$keeper$counsellor$at_home$dialled" ]; then
        echo
        echo "Stopping."
    fi
    stop "$dialled"
    if [ -n "$keeper" ]; then
        stop "$keeper"
        sweep
    fi
    stop "$counsellor"
    stop "$at_home"
    exit "$status"
}

number_check() {
    case $2 in
        ''|*[!0-9]*) fail "$1 must be a number, not \"$2\"" ;;
    esac
}

# Only a folder that an earlier demo made is removed.
data_make() {
    if [ -e "$data" ]; then
        [ -f "$mark" ] || fail "$data is there, and the demo did not make" \
            "it; please move it away"
        rm -rf "$data"
    fi
    mkdir "$data"
    : >"$mark"
    "$ringback" init --data "$data" --name "Demo line" \
        --sip "$host:$SIP_PORT" --http "$host:$HTTP_PORT" \
        --media "$host:$MEDIA_PORTS" >/dev/null
    # messages are sealed; of a demo nobody needs the shares
    "$ringback" recovery make --data "$data" >/dev/null
}

# Calls come from this machine, and whoever is rung back is at home there.
trunks_add() {
    "$ringback" trunk add this-machine --from 127.0.0.0/8 --to "sip:$address" \
        --data "$data"
    "$ringback" trunk add this-machine-6 --from ::1 --data "$data"
}

# Starts a phone and waits until it listens: sets $phone and $address.
phone_start() {
    log=$1
    shift
    : >"$log"
    "$ringback" phone --listen "$@" >>"$log" 2>&1 &
    phone=$!

    address=""
    tries=100
    while [ -z "$address" ] && [ "$tries" -gt 0 ]; do
        kill -0 "$phone" 2>/dev/null || return 1
        sleep 0.05
        tries=$((tries - 1))
        address=$(sed -n 's/^Listening on //p' "$log")
    done
    [ -n "$address" ]
}

# A busy port is said here in plain words, not by the line in its log.
port_check() {
    if ! phone_start "$data/port.log" "$host:$2" --transport "$3"; then
        echo "demo: $(cat "$data/port.log")" >&2
        echo "demo: is another program using port $2? Choose another" \
            "port:  make demo $1=$(($2 + 2))" >&2
        exit 1
    fi
    stop "$phone"
    rm -f "$data/port.log"
}

# The telephone of everybody who is rung back: picks up, and presses 1.
at_home_start() {
    phone_start "$data/at-home.log" "$host:0" --keys 1:1 ||
        fail "$(cat "$data/at-home.log")"
    at_home=$phone
}

# On any free port; it says which.
counsellor_start() {
    phone_start "$data/counsellor.log" "$host:0" --talk "$talk_s" \
        --after 1000 || fail "$(cat "$data/counsellor.log")"
    counsellor=$phone
    "$ringback" person add demo --phone "sip:demo@$address" --wrap-up 1 \
        --on --data "$data"
}

line_start() {
    "$ringback" run --data "$data" 2>"$data/line.log" &
    keeper=$!
    if ! "$ringback" status --wait 10 --data "$data" >/dev/null; then
        echo "demo: the line did not open. It said:" >&2
        tail -n 20 "$data/line.log" >&2
        exit 1
    fi
}

# What the callers say, if it can be made: else comfort noise is heard.
speech_make() {
    speech=$data/caller.wav
    if espeak-ng -v en -w "$data/speech.wav" "Hello. I would like to speak \
to somebody, please. I am calling to ask about my rights." 2>/dev/null &&
        sox "$data/speech.wav" -r 8000 -c 1 -b 16 -e signed-integer \
            "$speech" 2>/dev/null; then
        rm -f "$data/speech.wav"
    else
        speech=""
    fi
}

rows() {
    "$ringback" "$@" --data "$data" | sed 's/^/  /'
}

callers_run() {
    n=1
    while [ "$n" -le "$CALLERS" ]; do
        echo
        echo "Caller $n of $CALLERS dials the line:"
        "$ringback" call "sip:line@$host:$SIP_PORT" --for 30 \
            --from "caller$n" ${speech:+--wav "$speech"} 2>&1 |
            sed 's/^/  /'
        n=$((n + 1))
    done
    [ "$CALLERS" -gt 0 ] || return 0

    echo
    echo "On record now (ringback calls):"
    rows calls
}

# Keys: ring me back, that is my number, say nothing to a machine, at any hour.
# What became of it is shown as it is, also if this machine was too slow.
rung_back_run() {
    [ "$CALLERS" -gt 0 ] || return 0

    "$ringback" person off demo --data "$data"
    echo
    echo "The counsellor goes off duty. One more caller presses 1, to be rung" \
        "back:"
    "$ringback" call "sip:line@$host:$SIP_PORT" --for 30 --from 15550100 \
        --keys 1:1,2:1,3:1,4:1 2>&1 | sed 's/^/  /'
    echo
    echo "Owed now (ringback promises):"
    rows promises

    "$ringback" person on demo --data "$data"
    echo
    echo "The counsellor is back, and is rung; then the caller is. They talk:"
    tries=40
    while [ "$tries" -gt 0 ] && ! rows calls | grep -q promise_kept; do
        sleep 0.5
        tries=$((tries - 1))
    done
    rows promises --all
}

# For you, in a browser; the link lets one person in, once.
link_make() {
    "$ringback" person add you --phone none --wrap-up 10 --data "$data"
    link=$("$ringback" person invite you --data "$data" |
        grep -o 'https\{0,1\}://[^ ]*#invite=[^ ]*') ||
        fail "no invitation was made"
}

you_are_on_duty() {
    "$ringback" person list --json --data "$data" 2>/dev/null |
        tr -d ' \n' | tr '{' '\n' | grep '"name":"you"' |
        grep -q '"on_duty":true'
}

nobody_calls() {
    state=$("$ringback" status --json --data "$data" 2>/dev/null) || return 1
    ! echo "$state" |
        grep -qE '"(arriving|talking|waiting)": *[1-9]'
}

caller_starts() {
    echo
    echo "You are on duty. Somebody dials the line:"
    "$ringback" call "sip:line@$host:$SIP_PORT" --for "$patience_s" \
        --from 15550123 ${speech:+--wav "$speech"} \
        >"$data/dialled.log" 2>&1 &
    dialled=$!
}

caller_ended() {
    wait "$dialled" || true
    dialled=""
    sed 's/^/  /' "$data/dialled.log"
    pause=4
}

# One turn each second. While you are on duty, the demo counsellor's phone is
# not: the callers are yours.
you_turn() {
    was=$on
    if you_are_on_duty; then on=1; else on=0; fi
    case $was$on in
        01) "$ringback" person off demo --data "$data" >/dev/null || true
            pause=2 ;;
        10) "$ringback" person on demo --data "$data" >/dev/null || true ;;
    esac
    if [ -n "$dialled" ]; then
        kill -0 "$dialled" 2>/dev/null || caller_ended
    elif [ "$pause" -gt 0 ]; then
        pause=$((pause - 1))
    elif [ "$on" = 1 ] && nobody_calls; then
        caller_starts
    fi
}

you_run() {
    on=0
    pause=0
    while kill -0 "$keeper" 2>/dev/null; do
        you_turn
        sleep 1
    done
}

explain() {
    cat <<EOF

The line is open. Answer it yourself, in a browser on this machine:

  $link

Choose a passphrase and press "Go on duty" (your sound is tried once a day; you
may skip that): the next caller rings there. The link is good once; then you get
in by your name, "you", and the passphrase.

Or call it yourself, from any softphone on this machine
(baresip, Linphone, ...); no account or password is needed:

  sip:anything@$host:$SIP_PORT

You hear the greeting; after a second the demo counsellor picks up, and hangs
up $talk_s seconds later. With nobody on duty you may leave a message, or be rung
back, on a phone that the demo plays:

  $ringback person off demo --data $data

To see what goes on:

  $ringback status --data $data
  $ringback calls --data $data
  $ringback promises --data $data

Ctrl-C stops everything. What is left then is $data.
EOF
}

number_check SIP_PORT "$SIP_PORT"
number_check HTTP_PORT "$HTTP_PORT"
number_check CALLERS "$CALLERS"
[ -x "$ringback" ] || fail "there is no $ringback; run make first"

trap leave EXIT
trap 'exit 0' INT TERM

data_make
port_check SIP_PORT "$SIP_PORT" udp
port_check HTTP_PORT "$HTTP_PORT" tcp
speech_make
at_home_start
trunks_add
counsellor_start
link_make
line_start
echo "The line runs: SIP on $host:$SIP_PORT (UDP and TCP), and a counsellor" \
    "is on duty."
callers_run
rung_back_run
explain
you_run
wait "$keeper" || fail "the line has stopped; see $data/line.log"
