#!/usr/bin/env bash
# Has the production server refresh its numbers. The token goes to curl through a pipe, so it stands in no command line;
# of the answer only its status and its sentence are shown.
set -euo pipefail
umask 077

escaped() {
  local text=${1//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

give_up() {
  printf '::error title=Production server::%s\n' "$(escaped "$1")"
  exit 1
}

origin=${SERVER_URL%/}
case $origin in
  https://* | http://127.0.0.1 | http://127.0.0.1:* | http://localhost | http://localhost:*) ;;
  *) give_up "The variable MEDIAKIT_URL must begin with https://, so that the token can't be read on the way. / Die Variable MEDIAKIT_URL muss mit https:// beginnen, damit niemand unterwegs den Token lesen kann." ;;
esac
if [[ -z ${MEDIAKIT_API_TOKEN:-} ]]; then
  give_up "The secret MEDIAKIT_API_TOKEN is missing. Run 'mediakit api-token create actions --scope refresh' on the server and store what it prints as this secret. / Das Secret MEDIAKIT_API_TOKEN fehlt. Führe auf dem Server 'mediakit api-token create actions --scope refresh' aus und speichere die Ausgabe als dieses Secret."
fi

answer=$(mktemp "$RUNNER_TEMP/answer.XXXXXX")
trap 'rm -f "$answer"' EXIT
status=$(printf 'Authorization: Bearer %s\n' "$MEDIAKIT_API_TOKEN" |
  curl --silent --max-time 300 --connect-timeout 20 --max-filesize 4000000 --proto '=http,https' --data '' \
    --header @- --output "$answer" --write-out '%{http_code}' "$origin/api/mediakit/refresh-social-stats") || true

# One sentence of the answer; nothing when it is none of mediakit's.
of_answer() { jq -r "$1 // empty" "$answer" 2>/dev/null | head -c 500 || true; }

case $status in
  200)
    failed=$(of_answer '[.data.errors[].platform] | select(length > 0) | join(", ")')
    if [[ -n $failed ]]; then
      printf '::warning title=Production server::%s\n' "$(escaped "Refreshed, but these platforms failed there: $failed. 'mediakit fetch' on the server says why.")"
    fi
    echo "The production server has refreshed its numbers."
    ;;
  401 | 403) give_up "The server does not accept the secret MEDIAKIT_API_TOKEN. Make a new one with 'mediakit api-token create actions --scope refresh' and store it. / Der Server nimmt das Secret MEDIAKIT_API_TOKEN nicht an. Lege mit 'mediakit api-token create actions --scope refresh' einen neuen Token an und speichere ihn." ;;
  000) give_up "The server could not be reached. Check the variable MEDIAKIT_URL and that the server runs. / Der Server war nicht zu erreichen. Prüfe die Variable MEDIAKIT_URL und ob der Server läuft." ;;
  *) give_up "The server answered with status $status. $(of_answer .detail)" ;;
esac
