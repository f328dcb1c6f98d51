#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Turns schema/NNNN-what.sql into a C table of struct migration (migrate.h).
# Usage: schema.sh FILE... >schema.c
#
# Each file from 0019 on says in a line of its own which programs can go on
# while and after it is applied, and may say that it goes by rows:
#
#     -- Programs from NNNN on can work with this.
#     -- By rows: again and again, until it changes none.
set -eu

fail() {
    echo "$1: $2 (docs/decisions/0043-migrations.md)" >&2
    exit 1
}

# which programs can work with it; those before 0019 say nothing
oldest() {
    said=$(sed -n 's/^-- Programs from \([0-9]\{4\}\) on can work with this\.$/\1/p' "$1")
    if [ -z "$said" ]; then
        [ "$2" -lt 19 ] || fail "$1" "does not say which programs can work with it"
        said=$2
    fi
    said=$(echo "$said" | sed 's/^0*//')
    [ "$said" -le "$2" ] || fail "$1" "programs later than itself"
    if [ "$said" -lt "$2" ] &&
       sed 's/--.*//' "$1" | grep -qwiE 'DROP|RENAME'; then
        fail "$1" "drops or renames what older programs need"
    fi
    echo "$said"
}

how() {
    if grep -q '^-- By rows: again and again, until it changes none\.$' "$1"
    then echo MIGRATE_ROWS; else echo MIGRATE_ONCE; fi
}

number() {
    name=$(basename "$1" .sql)
    echo "${name%%-*}" | sed 's/^0*//'
}

echo '#include "store/migrate.h"'
for file in "$@"; do
    echo
    echo "static const char sql_$(number "$file")[] = {"
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    echo '0};'
done

echo
echo 'const struct migration migrations[] = {'
for file in "$@"; do
    n=$(number "$file")
    oldest=$(oldest "$file" "$n")
    echo "    {$n, sql_$n, $oldest, $(how "$file")},"
done
echo '};'
echo "const unsigned n_migrations = $#;"
