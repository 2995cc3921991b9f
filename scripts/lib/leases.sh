# shellcheck shell=sh
# Leases: the services run for as long as a process lives that asked for them. A lease is a file named by the pid and
# holding its start time, so that a reused pid does not count. One guardian looks every two seconds and, once nobody has
# asked for four, stops everything and ends. Sourced by scripts/services, which sets $leases, $run, $home.

started_at() { # PID: when it started, in clock ticks since boot; nothing for a dead or unreaped one
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # the program's name stands in brackets and may hold anything: count the fields behind it
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  started=${20}
}

give_lease() { # PID
  started_at "$1" || die 2 "không có tiến trình $1 (no process $1): start --while cần pid đang chạy (needs a live pid)"
  mkdir -p "$leases"
  echo "$started" >"$leases/$1"
}

leased() { # somebody who asked still lives; forgets those who do not
  alive=1
  for lease in "$leases"/*; do
    [ -e "$lease" ] || continue
    if started_at "${lease##*/}" && [ "$started" = "$(cat "$lease" 2>/dev/null)" ]; then alive=0; else rm -f "$lease"; fi
  done
  return $alive
}

ensure_guardian() { # its lock, not a pid file, says whether one is there; it has a session of its own, beyond Ctrl-C
  (flock -n 8 || exit 1) 8>"$run/guardian.lock" || return 0
  setsid -f "$self" guard >>"$run/guardian.log" 2>&1 </dev/null 9>&-
}

guard() {
  exec 8>"$run/guardian.lock"
  flock -n 8 || exit 0
  cd /
  trap '' HUP INT
  empty=0
  while sleep 2 8>&-; do
    if leased; then empty=0; else empty=$((empty + 1)); fi
    [ -d "$leases" ] || empty=3 # somebody said stop
    # three looks in a row, four seconds apart, found nobody
    [ $empty -lt 3 ] || ! end_unless_leased || exit 0
  done
}

end_unless_leased() { # takes its last look under the lock a lease is given under: nobody who just came is cut off
  exec 9<"$home/lock" # ends here when destroy removed it
  flock 9
  if leased; then
    exec 9>&-
    return 1
  fi
  [ ! -e "$run/manual" ] || return 0
  say "$(date -u +%Y-%m-%dT%H:%M:%SZ) không còn ai dùng, dừng lại (nobody is left: stopping)"
  stop_redis
  stop_postgres 4
}
