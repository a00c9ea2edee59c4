#!/bin/sh
# Delivers a message from standard input into a Maildir: maildir_deliver.sh FOLDER USER. For servers that run a program.
# Layer: interop.
set -e
mkdir -p "$1/$2/tmp" "$1/$2/new"
# Each run has a process id of its own, and files leave "new" long before one comes again.
cat >"$1/$2/tmp/$$"
exec mv "$1/$2/tmp/$$" "$1/$2/new/$$"
