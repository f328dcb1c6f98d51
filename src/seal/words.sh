#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# The list of words as C. $1: the list, a word a line
set -eu

[ "$(wc -l <"$1")" = 2048 ] || { echo "$1: not 2048 words" >&2; exit 1; }
echo '/* made by words.sh */'
echo '#include "seal/words.h"'
echo 'const char *const words_list[WORDS_LIST] = {'
sed 's/.*/\t"&",/' "$1"
echo '};'
