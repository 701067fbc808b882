#!/usr/bin/env bash
# Starts N silos and a PostgreSQL of their own on this machine, to try a cluster out: infra/cluster.sh [N] [DIR]
# Ctrl-C stops them; what they released goes on serving until 'maestro down'. Starting again goes on where it stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly count=${1:-3}
readonly place=$(realpath -m "${2:-.maestro-cluster}")
readonly data=$place/data
readonly roles=control,review,build,infrastructure,deployment,custody,gateway
readonly maestro=Client/bin/Debug/net10.0/maestro
pids=()
postgres=

say() { printf '%s\n' "$*"; }

fail() {
  say "$*" >&2
  exit 1
}

# Silos first: they drain, and need the database for it.
stop() {
  trap - EXIT INT TERM
  if [[ ${#pids[@]} -gt 0 ]]; then
    kill -TERM "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  if [[ -n $postgres ]]; then
    kill -INT "$postgres" 2>/dev/null || true
    wait "$postgres" 2>/dev/null || true
  fi
}
trap stop EXIT
trap 'exit 130' INT TERM

# PostgreSQL refuses to run as root.
owner=()
[[ $EUID -ne 0 ]] || owner=(setpriv --reuid=postgres --regid=postgres --clear-groups)

binaries() {
  local found
  found=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || true
  [[ -n $found ]] || found=$(dirname "$(command -v initdb || true)")
  [[ -x $found/initdb ]] || fail "PostgreSQL is missing. Install the package postgresql; its own server need not run."
  printf '%s\n' "$found"
}

free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return
    fi
  done
  fail "No free port was found."
}

start_postgres() {
  local bin
  bin=$(binaries)
  mkdir -p "$place"
  chmod 711 "$place"
  if [[ ! -d $place/postgres ]]; then
    mkdir "$place/postgres"
    [[ $EUID -ne 0 ]] || chown postgres:postgres "$place/postgres"
    # The owner comes in through the socket, which only this user and root can reach; silos have a login of their own each.
    "${owner[@]}" "$bin/initdb" --pgdata="$place/postgres" --username=maestro --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
      --locale=C.UTF-8 >/dev/null
  fi
  chmod 700 "$place/postgres"
  port=$(free_port)
  # Only this machine's users reach it, through loopback.
  "${owner[@]}" "$bin/postgres" -D "$place/postgres" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$place/postgres" \
    -c logging_collector=off >"$place/postgres.log" 2>&1 &
  postgres=$!
  for _ in $(seq 300); do
    "${owner[@]}" "$bin/pg_isready" --quiet --host="$place/postgres" --port="$port" && break
    kill -0 "$postgres" 2>/dev/null || fail "PostgreSQL ended; see $place/postgres.log."
    read -rt 0.1 <> <(:) || true
  done
  "${owner[@]}" "$bin/psql" --quiet --host="$place/postgres" --port="$port" --username=maestro --dbname=postgres --tuples-only \
    --command="SELECT 1 FROM pg_database WHERE datname = 'maestro'" | grep -q 1 ||
    "${owner[@]}" "$bin/createdb" --host="$place/postgres" --port="$port" --username=maestro maestro
}

# What only the owner of the database does: its tables, and a login for each silo that can do no more than silos need.
prepare_database() {
  local number
  export MAESTRO_DATABASE="Host=$place/postgres;Port=$port;Database=maestro;Username=maestro"
  "$maestro" db migrate >/dev/null
  for number in $(seq "$count"); do
    rm -f "$place/silo-$number.env"
    "$maestro" db login "silo_$number" --roles "$roles" --out "$place/silo-$number.env" >/dev/null
    sed -i "s|Host=$place/postgres|Host=127.0.0.1|" "$place/silo-$number.env"
  done
  unset MAESTRO_DATABASE
}

[[ $count =~ ^[1-9]$ ]] || fail "Between 1 and 9 silos: infra/cluster.sh [N] [DIR]"
[[ -x $maestro ]] || dotnet build Client --verbosity quiet --nologo
start_postgres
prepare_database
sandbox=()
command -v bwrap >/dev/null || sandbox=(--unsandboxed)
for number in $(seq "$count"); do
  (set -a && . "$place/silo-$number.env" && exec "$maestro" silo --data "$data" --name "silo-$number" --roles "$roles" "${sandbox[@]}") &
  pids+=($!)
done
say "$count silos start in $data; the database is at 127.0.0.1:$port. Try: $maestro list --data $data"
say "Kill one with: kill -9 $(printf '%s ' "${pids[@]}")- the others go on. Ctrl-C stops all."
wait "${pids[@]}"
