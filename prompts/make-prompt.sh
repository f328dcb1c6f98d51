#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Makes one prompt: 8000 Hz, mono, 16 bit, peaks at -12 dBFS. The same text
# gives the same file, byte by byte.
# Usage: make-prompt.sh speech|hold VOICE TEXT.txt OUT.wav
set -eu

kind=$1 voice=$2 text=$3 out=$4
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

wav() { sox -q -R -D "$@"; }
tone() { # tone HERTZ OUT: a soft note that dies away in two seconds
    wav -n -r 8000 -c 1 -b 16 "$2" synth 2 sine "$1" fade l 0.05 2 1.9 gain -30
}
hush() { wav -n -r 8000 -c 1 -b 16 "$2" trim 0 "$1"; }

espeak-ng -v "$voice" -s 135 -f "$text" -w "$tmp/spoken.wav"
wav "$tmp/spoken.wav" -c 1 -b 16 "$tmp/speech.wav" \
    gain -6 highpass 150 rate 8000 norm -1 gain -l 12 norm -12 pad 0.4 0.4

case $kind in
    speech)
        cp "$tmp/speech.wav" "$out" ;;
    hold)
        tone 392 "$tmp/g.wav"
        tone 494 "$tmp/b.wav"
        tone 587 "$tmp/d.wav"
        hush 1 "$tmp/short.wav"
        hush 2 "$tmp/long.wav"
        cd "$tmp"
        wav g.wav short.wav b.wav short.wav d.wav long.wav speech.wav \
            long.wav d.wav short.wav b.wav short.wav g.wav long.wav hold.wav
        cd - >/dev/null
        cp "$tmp/hold.wav" "$out" ;;
    *)
        echo "make-prompt.sh: no kind '$kind'" >&2; exit 2 ;;
esac
