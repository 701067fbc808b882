#!/bin/sh
# Every article must have a price.
set -eu
test -s articles.csv
! grep -v '^[a-z ]*,[0-9]*\.[0-9][0-9]$' articles.csv
