#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Turns schema/NNNN-what.sql into a C table of struct migration (migrate.h).
# Usage: schema.sh FILE... >schema.c
set -eu

echo '#include "store/migrate.h"'
for file in "$@"; do
    name=$(basename "$file" .sql)
    echo
    echo "static const char sql_${name%%-*}[] = {"
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    echo '0};'
done

echo
echo 'const struct migration migrations[] = {'
for file in "$@"; do
    name=$(basename "$file" .sql)
    number=$(echo "${name%%-*}" | sed 's/^0*//')
    echo "    {$number, sql_${name%%-*}},"
done
echo '};'
echo "const unsigned n_migrations = $#;"
