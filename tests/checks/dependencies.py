"""Checks what the workspace is built from: licences, sources, and that each named dependency is used.

Reads the allow-lists of deny.toml, so that `cargo deny check` and this agree; needs only cargo and Python.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Named in Cargo.toml for a feature that another crate needs, and so by no line of code: package -> reason.
UNNAMED: dict[str, str] = {}


def satisfied(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met with the allowed licences; the old `A/B` means `A OR B`."""
    text = expression.replace("/", " OR ")
    text = re.sub(r"([\w.+-]+)\s+WITH\s+([\w.-]+)", r"\1_WITH_\2", text)
    tokens = re.findall(r"[()]|[^\s()]+", text)
    words = {"OR": "or", "AND": "and", "(": "(", ")": ")"}
    python = [words.get(t, str(t.replace("_WITH_", " WITH ") in allowed)) for t in tokens]
    return bool(eval(" ".join(python), {"__builtins__": {}}))  # only True, False, and, or and brackets


def metadata() -> dict:
    """What cargo knows of every package in the lock file."""
    command = ["cargo", "metadata", "--format-version=1", "--locked"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def unused(package: dict) -> list[str]:
    """The dependencies that no Rust file or build script of the package names."""
    folder = pathlib.Path(package["manifest_path"]).parent
    others = {"simulator", "target", "node_modules"} if folder == ROOT else {"target"}
    code = "\n".join(
        path.read_text()
        for path in folder.rglob("*.rs")
        if not others & set(path.relative_to(folder).parts)
    )
    names = {d["name"]: (d["rename"] or d["name"]).replace("-", "_") for d in package["dependencies"]}
    return [n for n, ident in names.items() if n not in UNNAMED and not re.search(rf"\b{ident}\b", code)]


def main() -> int:
    """Prints every finding and returns 1 when there was one."""
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    licences = set(rules["licenses"]["allow"])
    registries = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    data = metadata()
    ours = set(data["workspace_members"])
    findings = []
    for package in data["packages"]:
        name = f"{package['name']} {package['version']}"
        licence = package["license"] or f"none, but the file {package['license_file']}"
        if not package["license"] or not satisfied(licence, licences):
            findings.append(f"{name}: licence {licence} is not in deny.toml's licenses.allow; replace the crate, or add it with a reason")
        if package["id"] in ours:
            findings += [f"{name}: names {u} in Cargo.toml and nowhere in its code; remove it" for u in unused(package)]
        elif package["source"] not in registries:
            findings.append(f"{name}: comes from {package['source']}; only crates.io is allowed")
    print("\n".join(findings + [f"{len(data['packages'])} packages, {len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
