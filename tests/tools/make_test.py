#!/usr/bin/env python3
"""What make writes and removes, in a small project with our Makefile and tools: nothing that is somebody else's."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from snapshot import snapshot

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(small NONE)
install(FILES podium.txt DESTINATION bin)
install(FILES headers/a.h headers/b.h DESTINATION include/podium)
"""


class Make(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="podium make ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.project = self.folder / "a project"
        shutil.copytree(SOURCE / "tools", self.project / "tools")
        shutil.copy(SOURCE / "Makefile", self.project)
        (self.project / "CMakeLists.txt").write_text(PROJECT)
        (self.project / "headers").mkdir()
        for name in ["podium.txt", "headers/a.h", "headers/b.h"]:
            (self.project / name).write_text("first")
        subprocess.run(["cmake", "-S", self.project, "-B", self.project / "build/release"], check=True,
                       stdout=subprocess.DEVNULL)
        self.prefix = self.folder / "prefix"

    def run_tool(self, *command, code=0, **environment):
        done = subprocess.run(list(map(str, command)), cwd=self.project, capture_output=True, text=True,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def install(self, code=0, **environment):
        return self.run_tool("tools/install", "build/release", self.prefix, code=code, **environment)

    # ---- make build's link ----
    def test_the_link_to_the_binary_replaces_nothing(self):
        for _ in range(2):
            self.run_tool("tools/link", "build/release/bin/podium")
            self.assertEqual(os.readlink(self.project / "bin/podium"), "../build/release/bin/podium")
        path = self.project / "bin/podium"
        for make in [lambda: path.write_text("mine"), path.mkdir, lambda: path.symlink_to("/usr/bin/podium"),
                     lambda: path.symlink_to("nowhere")]:
            path.unlink()
            make()
            before = snapshot(self.project)
            self.assertIn("bin/podium is there already", self.run_tool("tools/link", "build/release/bin/podium", code=1))
            self.assertEqual(snapshot(self.project), before)
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
                path.touch()
        shutil.rmtree(self.project / "bin")
        (self.folder / "theirs").mkdir()
        (self.project / "bin").symlink_to(self.folder / "theirs")
        self.assertIn("bin is a link", self.run_tool("tools/link", "build/release/bin/podium", code=1))
        self.assertEqual(list((self.folder / "theirs").iterdir()), [])

    # ---- make clean ----
    def test_clean_removes_what_was_built(self):
        self.run_tool("tools/link", "build/release/bin/podium")
        self.run_tool("make", "--silent", "clean")
        self.assertFalse((self.project / "build").exists())
        self.assertFalse((self.project / "bin").exists())
        self.run_tool("make", "--silent", "clean")

    def test_clean_leaves_what_no_build_made(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        subprocess.run(["cmake", "-S", self.project, "-B", elsewhere / "debug"], check=True, stdout=subprocess.DEVNULL)
        (self.project / "build/debug").symlink_to(elsewhere / "debug")
        for name in ["build/notes", "build/mine/CMakeCache.txt", "bin/podium", "bin/script"]:
            (self.project / name).parent.mkdir(exist_ok=True)
            (self.project / name).write_text("mine")
        before = snapshot(self.folder)
        said = self.run_tool("make", "--silent", "clean")
        for name in ["build/notes", "build/mine", "build/debug", "bin/podium", "bin/script"]:
            self.assertIn(f"left, because no build made it: {name}\n", said)
        inside = "a project/build/release"
        self.assertEqual(snapshot(self.folder),
                         {name: held for name, held in before.items() if not (name + "/").startswith(inside + "/")})

    # ---- make install ----
    def test_install_replaces_what_it_installed_and_leaves_the_rest(self):
        (self.prefix / "bin").mkdir(parents=True)
        (self.prefix / "bin/other").write_text("mine")
        self.assertIn("3 of them new", self.install())
        self.assertIn("0 of them new", self.install())
        (self.project / "podium.txt").write_text("second")
        self.assertIn("1 of them new", self.install())
        self.assertEqual((self.prefix / "bin/podium.txt").read_text(), "second")
        self.assertEqual((self.prefix / "bin/other").read_text(), "mine")
        self.assertEqual(sorted(os.listdir(self.prefix / "bin")), ["other", "podium.txt"])

    def test_install_refuses_where_somebody_has_a_place_of_ours(self):
        def change(name, make):
            path = self.prefix / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                path.unlink()
            make(path)

        (self.folder / "target").write_text("mine")
        changes = [("bin/podium.txt", lambda path: path.write_text("mine")),
                   ("bin/podium.txt", lambda path: path.symlink_to(self.folder / "target")),
                   ("include/podium/a.h", lambda path: path.mkdir()), ("include", lambda path: path.write_text("mine"))]
        for is_installed in (False, True):
            for name, make in changes:
                if is_installed:
                    self.install()
                    (self.project / "headers/b.h").write_text("another")  # so that there is something to write
                    if name == "include":
                        continue
                change(name, make)
                before = snapshot(self.prefix)
                self.assertIn(str(self.prefix / name), self.install(code=1))
                self.assertEqual(snapshot(self.prefix), before)
                self.assertEqual((self.folder / "target").read_text(), "mine")
                shutil.rmtree(self.prefix)

    def test_install_goes_on_where_it_was_cut_short_and_knows_destdir(self):
        self.install(DESTDIR=str(self.folder / "package"))
        self.assertFalse(self.prefix.exists())
        self.assertTrue((self.folder / f"package/{self.prefix}/bin/podium.txt").is_file())
        self.install()
        (self.prefix / "include/podium/a.h").unlink()
        (self.project / "podium.txt").write_text("second")
        self.install()
        self.assertEqual((self.prefix / "include/podium/a.h").read_text(), "first")

    # ---- tools/setup ----
    def test_setup_leaves_an_arrow_of_somebody_elses(self):
        arrow = self.project / ".cache/arrow/pyarrow"
        arrow.mkdir(parents=True)
        (arrow / "mine").write_text("mine")
        before = snapshot(arrow)
        # Stops earlier where it would install nothing anyway: another system, or packages that are missing.
        self.assertIn("setup: ", self.run_tool("tools/setup", code=1, PATH=self.path_without_network()))
        self.assertEqual(snapshot(arrow), before)

    def path_without_network(self):
        """apt-get and sudo that refuse, before the real ones."""
        folder = self.folder / "path"
        folder.mkdir()
        for name in ["apt-get", "sudo"]:
            (folder / name).write_text("#!/bin/sh\nexit 1\n")
            (folder / name).chmod(0o755)
        return f"{folder}:{os.environ['PATH']}"


if __name__ == "__main__":
    unittest.main()
