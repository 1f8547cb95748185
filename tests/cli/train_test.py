"""`podium train` as a user meets it: output, JSON, versions, the same bits, stop and resume."""
import os
import pathlib
import signal
import subprocess
import time
import unittest

from podium_cli import PODIUM, CliTest, write_ratings


class Train(CliTest):
    def test_prints_epochs_test_baselines_and_what_to_do_next(self):
        done = self.ok("train", "r.toml", "--out", "models")
        for words in ["3,200 rows to train on", "epoch", "rmse", "user+item biases", "matrix factorization",
                      "models/r/1", "podium rank models/r --user"]:
            self.assertIn(words, done.stdout)
        self.assertIn("epoch 3 of 3", done.stderr)

    def test_the_next_steps_that_it_prints_work(self):
        done = self.ok("train", "r.toml", "--out", "my models")
        commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("  podium ")]
        self.assertGreaterEqual(len(commands), 3)
        for command in commands:
            run = subprocess.run(command.replace("podium ", f'"{PODIUM}" ', 1), shell=True, cwd=self.folder,
                                 capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, f"{command}: {run.stderr}")

    def test_json_is_one_object_of_the_schema(self):
        result = self.json("train", "r.toml", "--out", "models", "--quiet", "--step-losses")
        self.assertEqual([epoch["epoch"] for epoch in result["epochs"]], [1, 2, 3])
        for epoch in result["epochs"]:
            self.assertLessEqual({"loss", "rmse", "mae"}, epoch["train"].keys())
            self.assertGreater(epoch["seconds"], 0)
        self.assertEqual(len(result["step_losses"]), 3 * 13)
        self.assertLessEqual({"rmse", "mae"}, result["test"].keys())
        low, high = result["intervals"]["rmse"]
        self.assertTrue(low < result["test"]["rmse"] < high)
        self.assertEqual(set(result["baselines"]),
                         {"global_mean", "item_mean", "user_item_bias", "matrix_factorization"})
        self.assertLess(result["baselines"]["user_item_bias"]["rmse"], result["baselines"]["global_mean"]["rmse"])
        self.assertEqual(set(result["seconds"]),
                         {"read", "encode", "fit", "evaluate", "baselines", "save", "total"})
        self.assertEqual(result["rows"], {"train": 3200, "test": 800})
        self.assertEqual(result["parameters"], 61 * 8 + 41 * 8 + (16 * 32 + 32) + (32 * 16 + 16) + 16 + 1)
        self.assertGreater(result["peak_memory_bytes"], 1 << 20)
        self.assertEqual(pathlib.Path(result["model"]), pathlib.Path("models/r/1"))

    def test_quiet_says_nothing_on_stderr(self):
        self.assertEqual(self.ok("train", "r.toml", "--quiet").stderr, "")

    def test_no_baselines_and_no_report_leave_them_out(self):
        result = self.train()
        self.assertEqual(result["baselines"], {})
        self.assertEqual(result["seconds"]["baselines"], 0)
        self.assertFalse((self.folder / result["model"] / "report.html").exists())
        self.ok("train", "r.toml", "--quiet")
        self.assertTrue((self.folder / "models/r/2/report.html").exists())

    def test_every_run_publishes_the_next_version(self):
        self.assertEqual(self.train()["model"], "models/r/1")
        self.assertEqual(self.train()["model"], "models/r/2")
        self.assertEqual(self.train("--name", "other")["model"], "models/other/1")

    def test_set_overrides_the_recipe(self):
        result = self.train("--set", "train.epochs=1", "--set", "model.hidden=[4]")
        self.assertEqual(len(result["epochs"]), 1)
        self.assertEqual(result["parameters"], 61 * 8 + 41 * 8 + 16 * 4 + 4 + 4 + 1)

    def test_paths_start_at_the_recipe_and_those_of_set_at_the_current_folder(self):
        sub = self.folder / "sub"
        sub.mkdir()
        (sub / "r.toml").write_text((self.folder / "r.toml").read_text())
        (self.folder / "ratings.csv").rename(sub / "ratings.csv")
        self.json("train", "sub/r.toml", "--no-baselines", "--quiet")
        self.fails("train", "sub/r.toml", "--set", "data.path=ratings.csv", says="ratings.csv")
        self.json("train", "sub/r.toml", "--no-baselines", "--quiet", "--set", "data.path=sub/ratings.csv")

    def test_a_retraining_every_night_goes_on_from_the_last_version(self):
        first = self.train()
        write_ratings(self.folder / "tuesday.csv", users=70, seed=2)  # 10 users more
        tonight = ["--set", "data.path=tuesday.csv", "--set", "train.from=models/r"]
        plan = self.json("train", "r.toml", "--dry-run", "--quiet", *tonight)
        self.assertEqual(pathlib.Path(plan["from"]), pathlib.Path(first["model"]))
        self.assertEqual([feature["new_values"] for feature in plan["features"]], [10, 0])
        done = self.ok("train", "r.toml", "--no-baselines", "--no-report", *tonight)
        self.assertIn("70 values of user_id (10 new)", done.stdout)
        self.assertIn("gone on from models/r/1", done.stdout)
        self.assertIn("models/r/2", done.stdout)
        self.assertIn("models/r/1/MANIFEST", self.ok("inspect", "models/r").stdout)
        self.ok("evaluate", "models/r", "--no-baselines", "--quiet")
        self.fails("train", "r.toml", "--quiet", "--out", "other", "--set", "train.from=nowhere",
                   says=["train.from", "nowhere", "no such model"])

    def test_any_number_of_threads_gives_the_same_bytes(self):
        for threads in [1, 2, 3, 7]:
            self.ok("train", "r.toml", "--out", f"t{threads}", "--quiet", "--set", f"train.threads={threads}")
        for threads in [2, 3, 7]:
            self.assert_same_model("t1/r/1", f"t{threads}/r/1")

    def test_every_kind_of_split_trains(self):
        for split in ['{kind="temporal",test=0.1}', '{kind="leave_last_out"}', '{kind="k_fold",folds=4,fold=1}']:
            result = self.train("--set", f"data.split={split}", "--set", "data.time=timestamp",
                                "--set", "train.epochs=1")
            self.assertEqual(result["rows"]["train"] + result["rows"]["test"], 4000, split)

    def test_given_train_and_test_files_replace_path_and_split(self):
        lines = (self.folder / "ratings.csv").read_text().splitlines()
        (self.folder / "a.csv").write_text("\n".join(lines[:3001]) + "\n")
        (self.folder / "b.csv").write_text("\n".join([lines[0]] + lines[2501:]) + "\n")
        result = self.train("--set", "data.train=a.csv", "--set", "data.test=b.csv")
        rows = [tuple(line.rsplit(",", 2)[:2]) for line in lines[1:]]  # without the time, which the recipe does not read
        known = set(rows[:3000])
        shared = sum(row in known for row in rows[2500:])
        self.assertGreaterEqual(shared, 500)
        self.assertEqual(result["rows"], {"train": 3000, "test": 1500, "shared": shared})

    def test_validation_and_early_stopping_keep_the_best_epoch(self):
        result = self.train("--set", "data.validation=0.2", "--set", "train.early_stopping.patience=2",
                            "--set", "train.epochs=40", "--set", "train.optimizer={kind=\"adam\",learning_rate=0.02}")
        losses = [epoch["validation"]["loss"] for epoch in result["epochs"]]
        self.assertEqual(result["best_epoch"], losses.index(min(losses)) + 1)
        self.assertLess(len(losses), 40)

    def test_dry_run_trains_and_saves_nothing(self):
        done = self.ok("train", "r.toml", "--dry-run")
        for words in ["3,200 rows to train on", "parameters", "memory", "dry run"]:
            self.assertIn(words, done.stdout)
        self.assertFalse((self.folder / "models").exists())
        self.assertEqual(self.json("train", "r.toml", "--dry-run")["rows"], {"train": 3200, "test": 800})

    def test_a_factorization_trains(self):
        result = self.train("--set", 'model={kind="factorization"}', "--set", "train.epochs=20")
        self.assertLess(result["test"]["rmse"], 0.85)

    def test_bf16_and_a_pinned_kernel_train(self):
        full = self.train()["test"]["rmse"]
        half = self.train("--set", "train.precision=bf16")["test"]["rmse"]
        self.assertAlmostEqual(full, half, delta=0.05)
        self.assertEqual(self.train("--kernel", "scalar")["kernel"], "scalar")


class StopAndResume(CliTest):
    LONG = ["--set", "train.epochs=60", "--set", "train.batch_size=64", "--set", "data.validation=0.1",
            "--set", "train.early_stopping.patience=1000"]

    def start(self, *arguments):
        process = subprocess.Popen([PODIUM, "train", "r.toml", "--quiet", "--no-baselines", *self.LONG, *arguments],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    def wait_for_checkpoint(self, out, process):
        path = self.folder / out / "r/.checkpoint"
        while not path.exists() and process.poll() is None:
            time.sleep(0.01)
        self.assertIsNone(process.poll(), "it was over before its first checkpoint")

    def test_resume_after_kill_equals_an_uninterrupted_run(self):
        self.ok("train", "r.toml", "--quiet", "--no-baselines", *self.LONG, "--out", "whole")
        kills = 0
        for _ in range(3):
            process = self.start("--out", "killed", "--set", "train.checkpoint_steps=20", "--resume")
            self.wait_for_checkpoint("killed", process)
            time.sleep(0.1)
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            process.communicate()
        self.assertGreater(kills, 0)
        self.assertEqual(self.published("killed"), [])
        self.ok("train", "r.toml", "--quiet", "--no-baselines", *self.LONG, "--out", "killed", "--resume",
                "--threads", "3")
        self.assert_same_model("whole/r/1", "killed/r/1")
        self.assertFalse((self.folder / "killed/r/.checkpoint").exists())

    def test_an_interrupt_saves_a_checkpoint_and_says_how_to_go_on(self):
        process = self.start("--set", "train.checkpoint_steps=1")
        self.wait_for_checkpoint("models", process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn("--resume", stderr)
        self.assertEqual(self.published(), [])
        command = stderr[stderr.index("`podium ") + 8:stderr.rindex("`")]
        done = subprocess.run(f'"{PODIUM}" {command} --quiet --no-baselines', shell=True, cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.ok("train", "r.toml", "--quiet", "--no-baselines", *self.LONG, "--out", "whole")
        self.assert_same_model("whole/r/1", "models/r/1")

    def test_a_checkpoint_of_another_recipe_is_refused(self):
        process = self.start("--set", "train.checkpoint_steps=5")
        self.wait_for_checkpoint("models", process)
        process.kill()
        process.communicate()
        self.fails("train", "r.toml", "--quiet", *self.LONG, "--set", "train.seed=8", "--resume",
                   says=["train.seed was 7 and is 8", "without --resume"])
        with open(self.folder / "ratings.csv", "a") as file:
            file.write('1,"new",3,9\n')
        self.fails("train", "r.toml", "--quiet", *self.LONG, "--resume", says="checksum")

    def test_resume_without_a_checkpoint_starts_anew_and_says_so(self):
        done = self.ok("train", "r.toml", "--no-baselines", "--resume")
        self.assertIn("no checkpoint", done.stderr)


if __name__ == "__main__":
    unittest.main()
