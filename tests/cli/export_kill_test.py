"""`podium export` over an older export, killed at random moments: the old or the new one is there, whole.

The test suite kills 20 times; PODIUM_KILLS=200 kills 200 times. PODIUM_KILL_SEED chooses other moments.
"""
import os
import random
import shutil
import subprocess
import time
import unittest

from podium_cli import PODIUM, CliTest
from snapshot import snapshot  # podium_cli knows where

KILLS = int(os.environ.get("PODIUM_KILLS", "20"))
SEED = int(os.environ.get("PODIUM_KILL_SEED", "1"))
FORMATS = ["savedmodel", "onnx", "safetensors", "npz"]


class ExportKill(CliTest):
    def export(self, version, form, to):
        return ["export", f"models/r/{version}", "--format", form, "--to", to, "--quiet"]

    def seconds_of_a_run(self):
        begin = time.monotonic()
        self.ok(*self.export(1, "savedmodel", "timed"))
        return time.monotonic() - begin

    def wait_for_writing(self, process):
        """Until the hidden directory is there that the export is written in."""
        own = f".tmp-{process.pid}-"
        while process.poll() is None and not any(name.startswith(own) for name in os.listdir(self.folder / "to")):
            pass

    def test_killed_at_any_moment_it_leaves_the_old_or_the_new(self):
        for seed in (1, 2):  # large enough that writing takes a while
            self.train("--set", f"train.seed={seed}", "--set", "features.user_id.dim=4000", "--set", "train.epochs=1")
        whole = {}  # of a version in a format
        for version in (1, 2):
            for form in FORMATS:
                self.ok(*self.export(version, form, "whole"))
                whole[version, form] = snapshot(self.folder / "whole")
        (self.folder / "to/mine").mkdir(parents=True)
        (self.folder / "to/mine/notes").write_text("mine")
        moments = random.Random(SEED)
        seconds = min(self.seconds_of_a_run() for _ in range(3))
        killed = news = left = 0
        for kill in range(KILLS):
            old, new = (1, moments.choice(FORMATS)), (2, moments.choice(FORMATS))
            shutil.rmtree(self.folder / "to/model", ignore_errors=True)
            self.ok(*self.export(*old, "to/model"))
            self.assertEqual(sorted(os.listdir(self.folder / "to")), ["mine", "model"], "leftovers of the last kill")
            process = subprocess.Popen([PODIUM, *self.export(*new, "to/model")], cwd=self.folder)
            if kill % 2:  # any moment
                time.sleep(moments.uniform(0, seconds))
            else:  # while it is written
                self.wait_for_writing(process)
                time.sleep(moments.uniform(0, seconds / 2))
            process.kill()
            killed += process.wait() != 0
            found = snapshot(self.folder / "to/model")
            self.assertTrue(found in (whole[old], whole[new]), f"kill {kill}: {sorted(found)}")
            news += found == whole[new]
            left += len(os.listdir(self.folder / "to")) > 2
        self.ok(*self.export(*new, "to/model"))
        self.assertEqual(snapshot(self.folder / "to/model"), whole[new])
        self.assertEqual(sorted(os.listdir(self.folder / "to")), ["mine", "model"])
        self.assertEqual((self.folder / "to/mine/notes").read_text(), "mine")
        print(f"{KILLS} runs, {killed} of them killed, {news} left the new export, {left} left something to clean",
              flush=True)


if __name__ == "__main__":
    unittest.main()
