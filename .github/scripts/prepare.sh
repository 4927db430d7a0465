#!/usr/bin/env bash
# The first step of a workflow that fetches: masks every part of its secrets, so that no later step can print one,
# and then checks that there is something to fetch. It prints nothing before the masks, and no value but in a mask.
#
# Sets the output `keep`: whether the database goes from run to run (docs/decisions/workflows-state.md).
set -euo pipefail

# --- Masks --------------------------------------------------------------------------------------

trimmed() {
  local text=${1%$'\r'}
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# GitHub masks a secret only as the whole and line by line; a value inside a line needs a mask of its own.
# It derives the base64 and URL-encoded spellings of each mask by itself.
mask() {
  local value
  value=$(trimmed "$1")
  if [[ -n $value ]]; then printf '::add-mask::%s\n' "${value//'%'/%25}"; fi
}

# The spellings of what stands behind a `=`: as written, and as the program reads it.
mask_value() {
  local value quote
  value=$(trimmed "$1")
  mask "$value"
  quote=${value:0:1}
  if [[ $quote == '"' || $quote == "'" ]]; then
    value=${value:1}
    value=${value%"$quote"*}
    mask "$value"
    mask "${value//\\/}"
  elif [[ $value == *[[:space:]]'#'* ]]; then
    mask "${value%%[[:space:]]#*}"
  fi
}

# A line is an assignment, also one that was commented out, or prose, or the rest of a value of several lines.
mask_line() {
  local line key
  line=$(trimmed "$1")
  key=${line%%=*}
  key=$(trimmed "${key#export }")
  if [[ $line == '#'* ]]; then
    key=$(trimmed "${key##*#}")
    [[ $line == *=* && $key =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || return 0
  fi
  # Settings, no secrets: masking an everyday word or number would only garble the log.
  case $key in INSTAGRAM_LOGIN | X_MONTHLY_BUDGET_USD) return 0 ;; esac
  if [[ $line == *=* ]]; then
    mask_value "${line#*=}"
  else
    mask "$line"
    mask "${line%[\"\']*}"
  fi
}

mask_file() {
  local line
  while IFS= read -r line; do mask_line "$line"; done <<<"$1"
}

mask_file "${INSTAGRAM_SECRET:-}"
mask_file "${TIKTOK_SECRET:-}"
for value in "${MEDIAKIT_SECRET_KEY:-}" "${MEDIAKIT_API_TOKEN:-}" "${GITHUB_SECRETS_TOKEN:-}"; do mask "$value"; done

# --- Checks -------------------------------------------------------------------------------------

give_up() {
  printf '::error title=%s::%s / %s\n' "$1" "$2" "$3"
  printf '**%s.** %s\n\n%s\n' "$1" "$2" "$3" >>"$GITHUB_STEP_SUMMARY"
  exit 2
}

is_blank() { [[ -z ${1//[[:space:]]/} ]]; }

if is_blank "${INSTAGRAM_SECRET:-}${TIKTOK_SECRET:-}${HANDLES:-}"; then
  give_up "The secret INSTAGRAM_SECRET is missing" \
    "Copy the whole content of your .env.social into the secret INSTAGRAM_SECRET (Settings, Secrets and variables, Actions; only TikTok: TIKTOK_SECRET), or switch this workflow off (Actions, Disable workflow). See docs/github-actions.md." \
    "Kopiere den ganzen Inhalt deiner .env.social in das Secret INSTAGRAM_SECRET (Settings, Secrets and variables, Actions; nur TikTok: TIKTOK_SECRET), oder schalte diesen Workflow ab (Actions, Disable workflow)."
fi

# Tokens that were renewed here and could be kept nowhere would be lost with the runner.
if [[ ${MEDIAKIT_ROTATION_OWNER:-server} == actions ]]; then
  for name in GITHUB_SECRETS_TOKEN MEDIAKIT_SECRET_KEY; do
    if is_blank "${!name:-}"; then
      give_up "The secret $name is missing" \
        "MEDIAKIT_ROTATION_OWNER is 'actions', so this workflow renews tokens and must be able to keep them: set the secret $name as docs/github-actions.md says, or remove the variable MEDIAKIT_ROTATION_OWNER." \
        "MEDIAKIT_ROTATION_OWNER ist 'actions', also erneuert dieser Workflow Tokens und muss sie aufbewahren können: Setze das Secret $name, wie docs/github-actions.md es sagt, oder entferne die Variable MEDIAKIT_ROTATION_OWNER."
    fi
  done
fi

if is_blank "${MEDIAKIT_SECRET_KEY:-}"; then keep=false; else keep=true; fi
echo "keep=$keep" >>"$GITHUB_OUTPUT"
echo "The secrets are masked."
