"""`podium train --out` killed at random moments: nothing half is ever published, and the next run cleans the rest.

The test suite kills 25 times; PODIUM_KILLS=500 kills 500 times. PODIUM_KILL_SEED chooses other moments.
"""
import os
import random
import subprocess
import time
import unittest

from podium_cli import PODIUM, CliTest

KILLS = int(os.environ.get("PODIUM_KILLS", "25"))
SEED = int(os.environ.get("PODIUM_KILL_SEED", "1"))


class Kill(CliTest):
    ARGUMENTS = ["train", "r.toml", "--out", "models", "--quiet", "--no-baselines", "--no-report",
                 "--set", "train.epochs=2"]

    def seconds_of_a_run(self):
        begin = time.monotonic()
        self.ok(*[argument if argument != "models" else "timed" for argument in self.ARGUMENTS])
        return time.monotonic() - begin

    def versions(self):
        folder = self.folder / "models/r"
        return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.exists() else []

    def leftovers(self):
        return sorted(path.name for path in (self.folder / "models/r").iterdir() if not path.name.isdigit())

    def wait_for_writing(self, process):
        """Until the hidden directory is there that a version is written in."""
        folder = self.folder / "models/r"
        own = f".tmp-{process.pid}-"
        while process.poll() is None:
            if folder.exists() and any(name.startswith(own) for name in os.listdir(folder)):
                return

    def check_is_whole(self, version):
        self.ok("inspect", f"models/r/{version}")  # every checksum and the self-test

    def test_killed_at_any_moment_it_leaves_whole_versions_and_the_next_run_cleans(self):
        moments = random.Random(SEED)
        whole = min(self.seconds_of_a_run() for _ in range(3))
        checked, killed, after = set(), 0, 0
        for kill in range(KILLS):
            process = subprocess.Popen([PODIUM, *self.ARGUMENTS], cwd=self.folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            if kill % 2:  # any moment
                time.sleep(moments.uniform(0, whole))
            else:  # while the model is written
                self.wait_for_writing(process)
                time.sleep(moments.uniform(0, whole / 3))
            process.kill()
            killed += process.wait() != 0
            for version in self.versions():
                if version not in checked:
                    self.check_is_whole(version)
                    checked.add(version)
                    after += 1
        self.ok(*self.ARGUMENTS)
        self.assertEqual(self.leftovers(), [])
        versions = self.versions()
        self.assertEqual(versions, list(range(1, len(versions) + 1)))
        self.check_is_whole(versions[-1])
        print(f"{KILLS} runs, {killed} of them killed, {after} published before", flush=True)


if __name__ == "__main__":
    unittest.main()
