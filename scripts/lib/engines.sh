# shellcheck shell=sh
# The two engines, PostgreSQL with TimescaleDB and Redis: unpack, start, ask, stop. Sourced by scripts/services, which
# sets $root (the unpacked programs), $home (state), $data, $cache, $run and drop(), and serialises every call by a lock.
# Needs say.sh and debian.sh.

SUITE=trixie
PG=17
PACKAGES="postgresql-$PG postgresql-client-$PG postgresql-$PG-timescaledb redis-server"

unpack_engines() { # into $root, once; atomically, so that an interrupted one leaves nothing half done
  stamp="$SUITE $PACKAGES 1"
  [ "$(cat "$root/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  have_apt || no_apt
  mirror=$(debian_mirror) || no_apt
  [ -r "$KEYRING" ] || die 4 "không có $KEYRING: hãy cài debian-archive-keyring (no $KEYRING: install debian-archive-keyring)"
  apt=$home/apt
  rm -rf "$apt" "$root.new"
  private_apt "$apt"
  only_suite "$apt" "$SUITE" "$mirror"
  step "đọc danh mục gói Debian $SUITE (reading the package list)" apt-get -qq update
  # less what a server that is only unpacked never opens: jit, perl, adduser, init scripts
  # shellcheck disable=SC2086
  names=$(closure $PACKAGES)
  names=$(echo "$names" | grep -E '^(lib|postgresql-[0-9]|postgresql-client-[0-9]|redis|zlib1g|gcc-)' |
    grep -vE '^(libllvm|libz3|libperl|libapt|libjson-perl|lib.*-perl|libdb5|libsystemd-shared|libdebconf|gcc-.*-base)')
  # shellcheck disable=SC2086
  step "tải $(echo "$names" | wc -l) gói (downloading packages)" download "$apt" $names
  step "giải nén PostgreSQL $PG, TimescaleDB, Redis (unpacking)" unpack "$apt" "$root.new"
  wrap_programs "$root.new"
  echo "$stamp" >"$root.new/.stamp"
  chmod 755 "$root.new"
  rm -rf "$root" "$apt"
  mkdir -p "${root%/*}"
  mv "$root.new" "$root"
}

wrap_programs() { # ROOT: each program starts through its own suite's loader and libraries, wherever ROOT lies later
  # PostgreSQL finds its files relative to argv[0], so the wrapper passes its own path on
  # shellcheck disable=SC2012
  loader=$(cd "$1/usr" && ls lib64/ld-linux-x86-64.so.2 lib/ld-linux-aarch64.so.1 2>/dev/null | head -n 1)
  libraries=$(cd "$1/usr" && ls -d lib/*-linux-gnu | head -n 1)
  for place in "lib/postgresql/$PG/bin ../../../.." "bin .."; do
    folder=${place% *} up=${place#* }
    mkdir -p "$1/usr/$folder/.elf"
    for program in "$1/usr/$folder"/*; do
      name=${program##*/}
      case $folder/$name in bin/redis-* | lib/*) ;; *) continue ;; esac
      [ -L "$program" ] || [ "$(head -c 4 "$program" | tail -c 3)" = ELF ] || continue
      mv "$program" "$1/usr/$folder/.elf/$name"
      # shellcheck disable=SC2016
      printf '#!/bin/sh\nd=${0%%/*} u=${0%%/*}/%s\nexec "$u/%s" --library-path "$u/%s" --argv0 "$0" "$d/.elf/%s" "$@"\n' \
        "$up" "$loader" "$libraries" "$name" >"$program.wrapper"
    done
    for wrapper in "$1/usr/$folder"/*.wrapper; do
      chmod 755 "$wrapper"
      mv "$wrapper" "${wrapper%.wrapper}"
    done
  done
}

# --- what runs -------------------------------------------------------------------------------------------------------

# Asked as the engines' own account: in a container even root may not look into the processes of others.

running_in() { # FOLDER: the pids of our own programs at work in it. A pid file may be left over by kill -9; this cannot
  # shellcheck disable=SC2016
  drop sh -c 'for process in /proc/[0-9]*; do
    [ "$(readlink "$process/cwd")" = "$1" ] || continue
    case $(readlink "$process/exe") in "$2"/*) echo "${process#/proc/}" ;; esac
  done' sh "$1" "$root" 2>/dev/null || :
}

lives_in() { # PIDFILE FOLDER: the first line of PIDFILE is a live process at work in FOLDER
  pid=$(head -n 1 "$1" 2>/dev/null) && [ -n "$pid" ] || return 1
  [ "$(drop readlink "/proc/$pid/cwd" 2>/dev/null)" = "$2" ]
}

postgres_runs() { lives_in "$data/postmaster.pid" "$data"; }
redis_runs() { lives_in "$run/redis.pid" "$cache"; }

remembered() { cat "$home/$1.port" 2>/dev/null || :; }

taken() { # PORT: somebody on this machine listens there (state 0A); connections that just ended do not count
  grep -qs "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") [0-9A-F:]* 0A " /proc/net/tcp /proc/net/tcp6
}

choose_port() { # ENGINE: the remembered port, or a new free one below the range of outgoing connections; remembers it
  port=$(remembered "$1")
  while [ -z "$port" ] || taken "$port"; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
  done
  echo "$port" >"$home/$1.port"
}

# --- PostgreSQL ------------------------------------------------------------------------------------------------------

initialise() { # a fresh cluster, whole or not at all: UTF-8, sorted by code point, so that no locale of the host is needed
  rm -rf "$data" "$data.new"
  mkdir -m 700 "$data.new"
  own "$data.new"
  drop "$bin/initdb" -D "$data.new" -U postgres -A trust --no-instructions \
    -E UTF8 --locale-provider=builtin --locale=C.UTF-8 >"$run/initdb.log" 2>&1 9>&- ||
    die 1 "initdb: $(tail -n 3 "$run/initdb.log")"
  echo "include = 'ioc.conf'" >>"$data.new/postgresql.conf"
  mv "$data.new" "$data"
}

settings() { # for a small machine. Commits stay durable; Timescale's workers stay out, they would sit in test templates
  cat <<CONF
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = 0
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
log_min_duration_statement = -1
CONF
}

start_postgres() {
  postgres_runs && return 0
  [ -f "$data/PG_VERSION" ] || step "tạo cơ sở dữ liệu riêng (creating the private database)" initialise
  settings >"$data/ioc.conf"
  own "$data/ioc.conf"
  # a killed server's children may still compute, holding its memory: nobody will ever hear their answers
  end_strays "$data"
  # the dead need a moment to go, and a port may be taken between looking and binding
  for _ in 1 2 3 4 5; do
    choose_port postgres
    : >"$run/postgres.log"
    own "$run/postgres.log"
    drop "$bin/pg_ctl" -D "$data" -l "$run/postgres.log" -w -t 60 -o "-p $port" start >/dev/null 2>&1 </dev/null 9>&- && return 0
    sleep 1
  done
  die 1 "PostgreSQL không khởi động được (does not start): $(tail -n 5 "$run/postgres.log")"
}

stop_postgres() { # SECONDS: this long for an orderly end; whatever is left then is ended hard, and recovers at the next start
  if postgres_runs; then
    drop "$bin/pg_ctl" -D "$data" -m fast -w -t "$1" stop >/dev/null 2>&1 ||
      drop "$bin/pg_ctl" -D "$data" -m immediate -w -t 2 stop >/dev/null 2>&1 || :
  fi
  end_strays "$data"
}

# --- Redis -----------------------------------------------------------------------------------------------------------

start_redis() {
  redis_runs && return 0
  end_strays "$cache"
  mkdir -p "$cache"
  own "$cache"
  for _ in 1 2 3 4 5; do
    choose_port redis
    : >"$run/redis.log"
    own "$run/redis.log"
    # nothing is written to disk: what Redis holds can be told again from the database
    drop "$redis_bin/redis-server" --bind 127.0.0.1 --port "$port" --daemonize yes --save '' --appendonly no \
      --maxmemory 256mb --maxmemory-policy noeviction --dir "$cache" --pidfile "$run/redis.pid" \
      --logfile "$run/redis.log" >/dev/null 2>&1 </dev/null 9>&- || :
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      redis_runs && [ "$("$redis_bin/redis-cli" -p "$port" ping 2>/dev/null)" = PONG ] && return 0
      sleep 0.1
    done
  done
  die 1 "Redis không khởi động được (does not start): $(tail -n 5 "$run/redis.log")"
}

stop_redis() {
  redis_runs && kill -TERM "$(head -n 1 "$run/redis.pid")" 2>/dev/null
  n=0
  while redis_runs && [ $n -lt 20 ]; do
    n=$((n + 1))
    sleep 0.1
  done
  end_strays "$cache"
}

end_strays() { # FOLDER: what a killed server left at work there; returns when it is gone
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    strays=$(running_in "$1")
    [ -n "$strays" ] || return 0
    # shellcheck disable=SC2086
    kill -KILL $strays 2>/dev/null || :
    sleep 0.2
  done
}
