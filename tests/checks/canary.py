"""Looks for planted secrets in everything that a run printed and left behind.

    canary.py [--issued FILE] CANARIES FILE_OR_FOLDER...

Reads the secrets of CANARIES (one a line, `#` comments; several lists are separated by `:`) and fails when a file
holds one of them: raw, base64 at any alignment, hex, URL-encoded, or only its first 12 or last 8 characters.
`--issued` names the random parts of every credential that the simulator issued; of those the first and last 8 count.
Says the secret's line number and the form, never the secret.
"""

import base64
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

LEADING, TRAILING = 12, 8
# The random part has no prefix that every credential of a platform shares, so that less of it is enough.
LEADING_ISSUED = 8


def forms(secret: str, leading: int) -> dict[str, set[bytes]]:
    """Every spelling of `secret` that counts as a leak, by name."""
    raw = secret.encode()
    found = {
        "raw": {raw},
        "hex": {raw.hex().encode(), raw.hex().upper().encode()},
        "URL-encoded": {
            urllib.parse.quote(secret, safe="").encode(),
            urllib.parse.quote(secret, safe="/").encode(),
            urllib.parse.quote(secret, safe="").lower().encode(),
        },
        f"its first {leading} characters": {raw[:leading]},
        f"its last {TRAILING} characters": {raw[-TRAILING:]},
        "base64": set(),
    }
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            # What surrounds the secret changes the characters at both ends: only the middle is certain.
            text = encode(b"\0" * offset + raw)
            start = (0, 2, 3)[offset]
            end = len(text) - (0, 4, 4)[len(text.rstrip(b"=")) != len(text)]
            found["base64"].add(text[start:end])
    return found


def secrets(path: pathlib.Path, leading: int) -> list[tuple[int, str]]:
    """The secrets of one list with their line numbers, each once."""
    lines = path.read_text().splitlines()
    wanted = [(n, line.strip()) for n, line in enumerate(lines, 1)]
    wanted = [(n, line) for n, line in wanted if line and not line.startswith("#")]
    for number, secret in wanted:
        if len(secret) < leading + TRAILING:
            sys.exit(f"{path}:{number}: shorter than {leading + TRAILING} characters; plant a longer one")
    return list({secret: (number, secret) for number, secret in reversed(wanted)}.values())


def files(arguments: list[str]) -> list[pathlib.Path]:
    """All files under the given files and folders."""
    paths = [pathlib.Path(argument) for argument in arguments]
    return sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file())


def found(needles: dict[bytes, str], scanned: list[pathlib.Path]) -> list[tuple[str, int, bytes]]:
    """File, place and needle of every hit. grep looks for all needles in one pass; Python would take minutes."""
    hits = []
    with tempfile.NamedTemporaryFile(prefix="canary-") as patterns:
        patterns.write(b"\n".join(needles) + b"\n")
        patterns.flush()
        command = ["grep", "--text", "--fixed-strings", "--only-matching", "--byte-offset", "--with-filename", "--null"]
        environment = {**os.environ, "LC_ALL": "C"}
        for start in range(0, len(scanned), 500):
            names = [str(file) for file in scanned[start : start + 500]]
            done = subprocess.run(
                [*command, f"--file={patterns.name}", "--", *names], capture_output=True, env=environment, check=False
            )
            if done.returncode > 1:
                sys.exit(f"grep failed: {done.stderr.decode(errors='replace')}")
            for line in done.stdout.splitlines():
                name, _, rest = line.partition(b"\0")
                at, _, needle = rest.partition(b":")
                hits.append((name.decode(), int(at), needle))
    return hits


def main() -> int:
    """Scans, prints each hit by place and form, and returns 1 when there was one."""
    arguments = sys.argv[1:]
    issued = []
    if arguments[:1] == ["--issued"]:
        issued, arguments = [pathlib.Path(arguments[1])], arguments[2:]
    lists = [(pathlib.Path(p), LEADING) for p in arguments[0].split(":")] + [(p, LEADING_ISSUED) for p in issued]
    scanned = files(arguments[1:])
    needles = {
        needle: f"the secret of {path}:{number}, {name}"
        for path, leading in lists
        for number, secret in secrets(path, leading)
        for name, spellings in forms(secret, leading).items()
        for needle in spellings
    }
    if not scanned or not needles:
        print("nothing to scan: run the other steps first")
        return 1
    hits = found(needles, scanned)
    for name, at, needle in hits:
        line = pathlib.Path(name).read_bytes().count(b"\n", 0, at) + 1
        # Of needles that overlap grep gives the longest; what lies under it is the same leak.
        told = needles.get(needle, "a secret")
        print(f"{name}:{line}: shows {told}; find what prints it and stop it there")
    size = sum(file.stat().st_size for file in scanned)
    print(f"{len(hits)} hits in {len(scanned)} files, {size:,} bytes, {len(needles)} spellings")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
