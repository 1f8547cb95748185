#!/usr/bin/env python3
"""Holds a page to what is there.

Code: every line of a ```cpp block that follows `<!-- from FILE -->` stands in FILE, in that order, whatever its
indentation. Commands: every line of every ```sh block that follows `<!-- tested -->` works, in order and in one folder,
which holds what a checkout holds after `make demo`, but with made-up ratings in the place of MovieLens; and models that
other programs exported: exported/index/1 and ranking.keras, small ones of tests/interop, with pairs.csv to score. A page
that names exported/ranking/1 finds a SavedModel there, with Adagrad's accumulators.

  run_commands.py PAGE PODIUM_BINARY [PODIUM_SOURCE]
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

FILMS = ["M*A*S*H (1970)", "Dances with Wolves (1990)", "Speed (1994)"]


def commands(page):
    """The tested commands, in order; a line that ends in a backslash goes on in the next."""
    found = []
    for block in re.findall(r"<!-- tested -->\s*\n```sh\n(.*?)```", page, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.startswith("#"):
                found.append(line.strip())
    return found


def check_excerpts(page, source):
    """Fails where a page shows code that its file no longer has."""
    for path, block in re.findall(r"<!-- from (\S+) -->\s*\n```cpp\n(.*?)```", page, re.DOTALL):
        rest = iter((source / path).read_text(encoding="utf-8").splitlines())
        for line in filter(None, map(str.strip, block.splitlines())):
            if not any(line == other.strip() for other in rest):
                sys.exit(f"{path} does not have, or not in this order: {line}")


def write_ratings(folder):
    """The three files of examples/movielens/fetch, with 60 users, 40 films and 1,500 ratings drawn from a seed."""
    draw = random.Random(7)
    titles = FILMS + [f"Film, number {number} (19{number + 40})" for number in range(4, 41)]
    folder.mkdir(parents=True)
    taste = [draw.gauss(0, 0.7) for _ in range(60)]
    with open(folder / "ratings.csv", "w", encoding="utf-8") as file:
        file.write("user_id,movie_id,movie_title,user_rating,timestamp\n")
        pairs = draw.sample([(user, movie) for user in range(60) for movie in range(40)], 1500)
        for place, (user, movie) in enumerate(pairs):
            rating = min(5, max(1, round(3.5 + taste[user] + 0.5 * ((movie % 5) - 2) / 2 + draw.gauss(0, 0.5))))
            file.write(f'{user + 1},{movie + 1},"{titles[movie]}",{rating},{874724710 + 60 * place}\n')
    with open(folder / "movies.csv", "w", encoding="utf-8") as file:
        file.write("movie_id,movie_title,year,genres\n")
        for movie, title in enumerate(titles):
            file.write(f'{movie + 1},"{title}",{title[-5:-1]},Drama|Comedy\n')
    with open(folder / "users.csv", "w", encoding="utf-8") as file:
        file.write("user_id,age,gender,occupation,zip_code\n")
        for user in range(60):
            file.write(f"{user + 1},{20 + user % 50},{'FM'[user % 2]},writer,{10000 + user}\n")


def write_savedmodel(checkout):
    """The model of TFRS's tutorial; TensorFlow's own are imported by the tests of interop and by conformance."""
    for arguments in (["train", "examples/movielens/ranking.toml", "--out", "theirs", "--no-baselines", "--no-report"],
                      ["export", "theirs/ranking", "--format", "savedmodel", "--with-optimizer", "--to", "exported/ranking/1"]):
        subprocess.run([checkout / "bin" / "podium", *arguments], cwd=checkout, check=True, capture_output=True)


def write_exports(folder, golden):
    shutil.copytree(golden / "tfrs_index", folder / "exported" / "index" / "1")
    shutil.copy(golden / "keras3_file.keras", folder / "ranking.keras")
    (folder / "pairs.csv").write_text("user,title\n42,Speed (1994)\n7,Up\n", encoding="utf-8")


def main(page, binary, source):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    check_excerpts(text, pathlib.Path(source))
    wanted = commands(text)
    if not wanted:
        sys.exit(f"{page}: no commands are marked as tested")
    with tempfile.TemporaryDirectory() as scratch:
        checkout = pathlib.Path(scratch) / "a checkout"
        (checkout / "bin").mkdir(parents=True)
        (checkout / "bin" / "podium").symlink_to(os.path.abspath(binary))
        shutil.copytree(
            pathlib.Path(source) / "examples", checkout / "examples", ignore=shutil.ignore_patterns("data", "models"))
        write_ratings(checkout / "examples" / "movielens" / "data")
        shutil.copy(checkout / "examples" / "movielens" / "data" / "ratings.csv", checkout / "my_ratings.csv")
        if any("exported/ranking/1" in command for command in wanted):
            write_savedmodel(checkout)
        write_exports(checkout, pathlib.Path(source) / "tests" / "interop" / "golden")
        for command in wanted:
            run = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command], cwd=checkout, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            print(f"$ {command}\n{run.stdout}", end="", flush=True)
            if run.returncode != 0:
                sys.exit(f"{page}: exit code {run.returncode} from: {command}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) == 4 else ".")
