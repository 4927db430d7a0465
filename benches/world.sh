# For ./bench and ./dist: a folder for the time of the run, the simulator, and data as a user would have it. Sourced.
# shellcheck shell=bash

readonly CREATOR=mara # of the simulator's cast, the one with an account on every platform
readonly PLATFORMS=(instagram tiktok youtube twitch x discord)

work=$(mktemp -d)
chmod 755 "$work" # nginx's worker is another user
pids=()

clean_up() {
  if ((${#pids[@]})); then kill "${pids[@]}" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

heading() { printf '\n== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Installs Debian packages by name, when any is named.
install_packages() {
  (($#)) || return 0
  have apt-get || die "apt-get is not here; install by hand: $*"
  local root=()
  ((EUID == 0)) || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# Waits until an address answers 200; $2 is the log of who should.
await() {
  python3 - "$1" <<'PYTHON' || die "$1 does not answer: $(tail -n 3 "$2")"
import sys, time, urllib.request
for _ in range(300):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=5).read()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
PYTHON
}

# Starts the simulator, the program $1. It prints the upstreams' addresses as environment variables, and its control
# API's as a comment.
start_simulator() {
  "$1" >"$work/simulator.out" 2>"$work/simulator.log" &
  pids+=($!)
  for _ in {1..300}; do
    BENCH_SIMULATOR=$(sed -n 's/^# control API: //p' "$work/simulator.out")
    [[ -z $BENCH_SIMULATOR ]] || break
    sleep 0.1
  done
  [[ -n $BENCH_SIMULATOR ]] || die "the simulator did not start: $(tail -n 3 "$work/simulator.log")"
  export BENCH_SIMULATOR
  local line
  # The simulator knows hosts that mediakit does not ask yet.
  while read -r line; do export "${line?}"; done < <(
    grep '^MEDIAKIT_UPSTREAM_' "$work/simulator.out" | grep -v -e _GITHUB_API= -e _FXTWITTER=)
}

fetch_text() { python3 -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())' "$1"; }

handle_of() {
  fetch_text "$BENCH_SIMULATOR/creators" | python3 -c '
import json, sys
print(next(c["handles"][sys.argv[2]] for c in json.load(sys.stdin) if c["key"] == sys.argv[1]))' "$CREATOR" "$1"
}

# A data folder as a user would have it, made by the program $BENCH_BINARY: handles, credentials, one refresh, a token for scripts.
prepare_data() {
  export MEDIAKIT_DATA_DIR=$work/data MEDIAKIT_ENV_SOCIAL=$work/.env.social
  export MEDIAKIT_REFRESH_AT=off MEDIAKIT_LOG=warn
  (umask 077 && fetch_text "$BENCH_SIMULATOR/env-social/$CREATOR" >"$MEDIAKIT_ENV_SOCIAL")
  local platform
  for platform in "${PLATFORMS[@]}"; do
    "$BENCH_BINARY" handle set "$platform" "$(handle_of "$platform")"
  done
  "$BENCH_BINARY" fetch || die "the first refresh failed; nothing to serve"
  BENCH_TOKEN=$("$BENCH_BINARY" api-token create bench --scope refresh,read,write | grep -o 'mk_[A-Za-z0-9_-]*' | head -n 1)
  export BENCH_TOKEN
}

stop_last() {
  local last=$((${#pids[@]} - 1))
  kill "${pids[last]}" 2>/dev/null || true
  wait "${pids[last]}" 2>/dev/null || true
  unset "pids[last]"
}
