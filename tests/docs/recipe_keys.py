#!/usr/bin/env python3
"""Holds the recipe's keys that pages name to those that `podium help recipe` lists.

Looked at are `--set KEY=`, `section.key` in backticks, and ```toml blocks, whose commented keys count too; but for blocks
after `<!-- layout -->`, which are no recipes.

  recipe_keys.py PODIUM_BINARY PAGE ...
"""
import pathlib
import re
import subprocess
import sys

SECTIONS = "data|features|model|task|train|save"


def general(key):
    """features.user_id.dim is features.COLUMN.dim."""
    return re.sub(r"^features\.(\"[^\"]*\"|[^.]+)\.", "features.COLUMN.", key)


def keys_of_toml(text):
    """Keys of a recipe with their line, by the sections' heads; inline tables' own keys are left out."""
    section = ""
    for line in text.splitlines():
        head = re.match(r"\s*\[+([^\]]+)\]", line)
        pair = re.match(r"\s*(?:# )?([a-z_]+)\s*=", line)
        if head:
            section = head[1]
        elif pair and section:
            yield f"{section}.{pair[1]}"


def keys_of(page):
    yield from re.findall(r"--set \"?([a-z_.]+)=", page)
    for key in re.findall(rf"`((?:{SECTIONS})(?:\.[A-Za-z_]+)+)`", page):
        if not key.endswith((".json", ".onnx", ".onnx.data")):  # a file
            yield key
    for is_layout, block in re.findall(r"(<!-- layout -->\n)?```toml\n(.*?)```", page, re.DOTALL):
        if not is_layout:
            yield from keys_of_toml(block)


def main():
    podium, *pages = sys.argv[1:]
    shown = subprocess.run([podium, "help", "recipe"], check=True, capture_output=True, text=True).stdout
    listed = set(re.findall(r"^ +([A-Za-z_.]+)  \(", shown, re.MULTILINE))
    assert "train.epochs" in listed, "podium help recipe does not read as this script expects"
    known = listed | {key.rpartition(".")[0] for key in listed}
    found, wrong = 0, []
    for path in map(pathlib.Path, pages):
        text = path.read_text(encoding="utf-8")
        for key in keys_of_toml(text) if path.suffix == ".toml" else keys_of(text):
            found += 1
            if general(key) not in known:
                wrong.append(f"{path}: podium help recipe does not list {key}")
    assert found > 20, f"only {found} keys were found on the pages; this script no longer reads them"
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{found} keys, all of them listed")


main()
