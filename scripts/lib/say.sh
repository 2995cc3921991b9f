# shellcheck shell=sh
# What the scripts say and how they time what they do. Sourced by every script here; prints to standard error only,
# so that standard output stays free for answers a caller evaluates. $me is the name a line opens with.

say() { printf '%s: %s\n' "$me" "$*" >&2; }

die() { # STATUS MESSAGE...: each message is one line
  status=$1
  shift
  for line in "$@"; do say "$line"; done
  exit "$status"
}

seconds() { # whole seconds since the machine started: never jumps when the clock is set
  read -r uptime _ </proc/uptime
  echo "${uptime%.*}"
}

step() { # LABEL COMMAND...: says what is being done, then, when that took over two seconds, for how long
  label=$1
  shift
  began=$(seconds)
  say "$label ..."
  "$@" # not in a condition, which would let a function run on after its first failure
  result=$?
  took=$(($(seconds) - began))
  [ "$took" -le 2 ] || say "$label: $took s"
  return $result
}
