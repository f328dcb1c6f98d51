#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Makes one prompt: 8000 Hz, mono, 16 bit, peaks at -12 dBFS. The same text
# gives the same file, byte by byte.
# Usage: make-prompt.sh speech|word|hold VOICE OUT.wav TEXT.txt
#        make-prompt.sh tone|ringtone VOICE OUT.wav
set -eu

kind=$1 voice=$2 out=$3 text=${4:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

wav() { sox -q -R -D "$@"; }
new() { # new OUT EFFECT...: out of nothing
    made=$1; shift
    wav -n -r 8000 -c 1 -b 16 "$made" "$@"
}
note() { # note HERTZ OUT: a soft note that dies away in two seconds
    new "$2" synth 2 sine "$1" fade l 0.05 2 1.9 gain -30
}
hush() { new "$2" trim 0 "$1"; }

speech() { # speech OUT SECONDS: what the text says, and so much silence around
    espeak-ng -v "$voice" -s 135 -f "$text" -w "$tmp/spoken.wav"
    wav "$tmp/spoken.wav" -c 1 -b 16 "$tmp/level.wav" \
        gain -6 highpass 150 rate 8000 norm -1 gain -l 12 norm -12
    # espeak-ng ends a text with a pause of its own
    wav "$tmp/level.wav" "$1" silence 1 0.02 -50d reverse \
        silence 1 0.02 -50d reverse pad "$2" "$2"
}

hold() {
    note 392 "$tmp/g.wav"
    note 494 "$tmp/b.wav"
    note 587 "$tmp/d.wav"
    hush 1 "$tmp/short.wav"
    hush 2 "$tmp/long.wav"
    speech "$tmp/speech.wav" 0.4
    (cd "$tmp" && wav g.wav short.wav b.wav short.wav d.wav long.wav \
        speech.wav long.wav d.wav short.wav b.wav short.wav g.wav long.wav \
        hold.wav)
    cp "$tmp/hold.wav" "$out"
}

case $kind in
    speech) speech "$out" 0.4 ;;
    word) speech "$out" 0.06 ;;
    hold) hold ;;
    tone) # speak now
        new "$out" synth 0.4 sine 1000 fade q 0.01 0.4 0.01 gain -12 \
            pad 0.3 0.05 ;;
    ringtone) # it rings at the other end: North America, two in six seconds
        new "$out" synth 2 sine 440 synth 2 sine mix 480 \
            fade q 0.01 2 0.01 gain -18 pad 0 4 ;;
    *)
        echo "make-prompt.sh: no kind '$kind'" >&2; exit 2 ;;
esac
