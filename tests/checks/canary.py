"""Looks for planted secrets in everything that a run printed.

    canary.py CANARIES FILE_OR_FOLDER...

Reads the secrets of CANARIES (one a line, `#` comments) and fails when a file holds one of them: raw,
base64 at any alignment, hex, URL-encoded, or only its first 12 or last 8 characters.
Says the secret's line number and the form, never the secret.
"""

import base64
import pathlib
import sys
import urllib.parse

LEADING, TRAILING = 12, 8


def forms(secret: str) -> dict[str, set[bytes]]:
    """Every spelling of `secret` that counts as a leak, by name. Hits are looked for in lower case too."""
    raw = secret.encode()
    found = {
        "raw": {raw},
        "hex": {raw.hex().encode(), raw.hex().upper().encode()},
        "URL-encoded": {
            urllib.parse.quote(secret, safe="").encode(),
            urllib.parse.quote(secret, safe="/").encode(),
            urllib.parse.quote(secret, safe="").lower().encode(),
        },
        f"its first {LEADING} characters": {raw[:LEADING]},
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


def secrets(path: pathlib.Path) -> list[tuple[int, str]]:
    """The secrets of one list with their line numbers."""
    lines = path.read_text().splitlines()
    wanted = [(n, line.strip()) for n, line in enumerate(lines, 1)]
    wanted = [(n, line) for n, line in wanted if line and not line.startswith("#")]
    for number, secret in wanted:
        if len(secret) < LEADING + TRAILING:
            sys.exit(f"{path}:{number}: shorter than {LEADING + TRAILING} characters; plant a longer one")
    return wanted


def files(arguments: list[str]) -> list[pathlib.Path]:
    """All files under the given files and folders."""
    paths = [pathlib.Path(argument) for argument in arguments]
    return sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file())


def main() -> int:
    """Scans, prints each hit by place and form, and returns 1 when there was one."""
    lists = [pathlib.Path(p) for p in sys.argv[1].split(":")]
    scanned = files(sys.argv[2:])
    needles = [
        (f"{path}:{number}", name, needle)
        for path in lists
        for number, secret in secrets(path)
        for name, spellings in forms(secret).items()
        for needle in spellings
    ]
    if not scanned or not needles:
        print("nothing to scan: run the other steps first")
        return 1
    hits = 0
    for file in scanned:
        content = file.read_bytes()
        for origin, name, needle in needles:
            at = content.find(needle)
            if at >= 0:
                hits += 1
                line = content.count(b"\n", 0, at) + 1
                print(f"{file}:{line}: shows the secret of {origin}, {name}; find what prints it and stop it there")
    size = sum(file.stat().st_size for file in scanned)
    print(f"{hits} hits in {len(scanned)} files, {size:,} bytes, {len(needles)} spellings")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
