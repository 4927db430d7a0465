#!/usr/bin/env bash
# Fetches the numbers in a GitHub workflow: writes the secrets to a file only this user can read, runs mediakit, writes
# the job's summary and says what failed. What mediakit prints goes to files, never to the run's output, where a line
# of it could be taken for a command to the runner.
#
# Ends with 0 also when some platforms failed (a warning each), with mediakit's own code when nothing worked.
set -euo pipefail
umask 077

readonly scripts=${BASH_SOURCE[0]%/*}
readonly work=$RUNNER_TEMP/mediakit
readonly logs=$RUNNER_TEMP/mediakit-logs
readonly kept=$RUNNER_TEMP/mediakit-state/database.enc
export MEDIAKIT_DATA_DIR=$work/data MEDIAKIT_ENV_SOCIAL=$work/.env.social MEDIAKIT_LOG=${MEDIAKIT_LOG:-info}

# Text as the runner takes it in an annotation.
escaped() {
  local text=${1//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

warn() { printf '::warning title=%s::%s\n' "$1" "$(escaped "$2")"; }

give_up() {
  printf '::error title=%s::%s\n' "$1" "$(escaped "$2")"
  printf '**%s.** %s\n' "$1" "$2" >>"$GITHUB_STEP_SUMMARY"
  exit 2
}

# Runs mediakit; what it says goes to the log, and its last words are in $work/said.
mediakit() {
  local code=0
  "$BINARY" "$@" 2>"$work/said" </dev/null || code=$?
  cat "$work/said" >>"$logs/mediakit.log"
  return "$code"
}

last_words() { tail -n 1 "$work/said"; }

# What the credential file assigns to a key; nothing for the example's placeholders.
value_of() {
  local pattern="^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*[\"']?([^\"'#[:space:]]*).*"
  sed -nE "s/$pattern/\\2/p" "$MEDIAKIT_ENV_SOCIAL" |
    grep -vE '^(dein_username|your_username|dein_token_hier|your_token_here)?$' | tail -n 1 || true
}

# A file that ends well stays as it is, for the mirror writes it back.
add_credentials() {
  if [[ -z $1 ]]; then return; fi
  printf '%s' "$1" >>"$MEDIAKIT_ENV_SOCIAL"
  [[ $1 == *$'\n' ]] || echo >>"$MEDIAKIT_ENV_SOCIAL"
}

write_credentials() {
  : >"$MEDIAKIT_ENV_SOCIAL"
  add_credentials "${INSTAGRAM_SECRET:-}"
  if [[ -z $(value_of TIKTOK_ACCESS_TOKEN) ]]; then add_credentials "${TIKTOK_SECRET:-}"; fi
  unset INSTAGRAM_SECRET TIKTOK_SECRET
}

# "platform handle" a line: the names beside the credentials, then the variable SOCIAL_HANDLES.
wanted_handles() {
  local platform handle
  for platform in instagram tiktok; do
    handle=$(value_of "${platform^^}_USERNAME")
    if [[ -n $handle ]]; then echo "$platform $handle"; fi
  done
  tr -d '\r' <<<"${HANDLES:-}" | sed -E '/^[[:space:]]*(#|$)/d'
}

enter_handles() {
  local platform handle wanted
  wanted=$(wanted_handles)
  if [[ -z $wanted ]] || { [[ $PLATFORMS == instagram ]] && ! grep -q '^instagram ' <<<"$wanted"; }; then
    give_up "No account name is set" \
      "Add the line INSTAGRAM_USERNAME=your name to the secret INSTAGRAM_SECRET, or 'platform name' lines to the variable SOCIAL_HANDLES. See docs/github-actions.md. / Ergänze im Secret INSTAGRAM_SECRET die Zeile INSTAGRAM_USERNAME=dein Name, oder in der Variable SOCIAL_HANDLES Zeilen der Form 'plattform name'."
  fi
  while read -r platform _; do
    mediakit handle remove "$platform" || warn "Handle" "$(last_words)"
  done < <(mediakit handle list | awk 'NR == FNR { wanted[tolower($1)]; next } !($1 in wanted)' <(echo "$wanted") -)
  while read -r platform handle; do
    mediakit handle set "$platform" "$handle" || give_up "SOCIAL_HANDLES" "$(last_words)"
  done <<<"$wanted"
}

# The key is handed over by name: it stands in no command line.
crypt() { openssl enc "$@" -aes-256-cbc -pbkdf2 -pass env:MEDIAKIT_SECRET_KEY 2>>"$logs/mediakit.log"; }

take_up_what_was_kept() {
  if [[ -z ${MEDIAKIT_SECRET_KEY:-} || ! -f $kept ]]; then return; fi
  if ! { crypt -d -in "$kept" -out "$work/kept" && mediakit restore "$work/kept"; }; then
    warn "Begins anew" "What the run before kept could not be read, so history and pauses begin anew. This is right after a change of MEDIAKIT_SECRET_KEY."
    rm -rf "$MEDIAKIT_DATA_DIR"
  fi
}

keep() {
  if [[ -z ${MEDIAKIT_SECRET_KEY:-} ]]; then return; fi
  mkdir -p "${kept%/*}"
  if ! { mediakit backup "$work/keep" && crypt -salt -in "$work/keep" -out "$kept.new" && mv "$kept.new" "$kept"; }; then
    warn "Not kept" "This run's database could not be kept; the next run begins where this one began."
  fi
}

# Says how it went, in the summary and as annotations of level $1.
tell() {
  jq -r -f "$scripts/summary.jq" "$logs/report.json" >>"$GITHUB_STEP_SUMMARY"
  local failed platform detail
  while IFS= read -r failed; do
    platform=$(jq -r '.[0]' <<<"$failed")
    detail=$(jq -r '.[1]' <<<"$failed")
    printf '::%s title=%s::%s\n' "$1" "$platform" "$(escaped "$detail")"
  done < <(jq -c '.platforms[] | select(.state == "failed") | [.platform, .error.detail]' "$logs/report.json")
  jq -r '"\(.saved) saved, \(.failed) failed."' "$logs/report.json"
}

# The pages as files, for GitHub Pages to publish, when there is an address for them. A failed run leaves the last ones.
write_pages() {
  if [[ -z ${PAGES_URL:-} ]]; then return; fi
  rm -rf "$RUNNER_TEMP/mediakit-pages"
  mediakit export --static "$RUNNER_TEMP/mediakit-pages" --address "$PAGES_URL" || give_up "MEDIAKIT_PAGES_URL" "$(last_words)"
}

rm -rf "$work"
mkdir -p "$work" "$logs"
trap 'rm -rf "$work"' EXIT
write_credentials
take_up_what_was_kept
enter_handles
code=0
# shellcheck disable=SC2086 # one word per platform
mediakit fetch $PLATFORMS --json >"$logs/report.json" || code=$?
words=$(last_words)
keep
case $code in
  0 | 3)
    tell warning
    write_pages
    ;;
  1)
    [[ -s $logs/report.json ]] || give_up "Nothing was fetched" "$words"
    tell error
    exit 1
    ;;
  2) give_up "The settings are wrong" "$words" ;;
  *) give_up "mediakit ended with code $code" "The log of this run is kept for 7 days under Artifacts." ;;
esac
