# The report of `mediakit fetch --json` as a table for the job's summary. Unknown is "n/a", never 0.

# Text from outside, in a cell of a Markdown table.
def cell: (. // "n/a") | tostring | gsub("\\s+"; " ") | gsub("(?<c>[\\\\|<>`*_\\[\\]&])"; "\\\(.c)");
def grouped: if length > 3 then (.[:-3] | grouped) + "," + .[-3:] else . end;
def number: if . == null then "n/a" else (if . < 0 then "-" else "" end) + (fabs | floor | tostring | grouped) end;
def signed: if . != null and . > 0 then "+" + number else number end;
def age:
  if . == null then "n/a" else
    (now - (sub("\\.[0-9]+"; "") | fromdateiso8601)) as $secs
    | if $secs < 90 then "just now"
      elif $secs < 5400 then "\($secs / 60 | floor) min"
      elif $secs < 172800 then "\($secs / 3600 | floor) h"
      else "\($secs / 86400 | floor) d" end
  end;

"## Audience numbers",
"",
"| platform | followers | change | state | age | source | what to do |",
"|---|---:|---:|---|---|---|---|",
(.platforms[] | "| " + ([
  (.platform | cell),
  (.followers | number),
  (.change | signed),
  (.state | cell),
  (.fetched_at | age),
  (.source | cell),
  (if .error then .error.detail | cell else "" end)
] | join(" | ")) + " |"),
"",
"\(.saved) saved, \(.failed) failed."
