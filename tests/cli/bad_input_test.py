"""Whatever is wrong with what a user gives: one clear line on stderr, its exit code, no half-made model."""
import os
import pathlib
import shutil
import subprocess
import unittest

from podium_cli import PODIUM, CliTest


class BadUsage(CliTest):
    def test_wrong_usage_exits_with_2(self):
        self.fails("train", code=2, says="podium help train")
        self.fails("trian", code=2, says="podium train")
        self.fails("train", "r.toml", "--colour", code=2)
        self.fails("train", "r.toml", "--threads", "many", code=2)
        self.fails("rank", "models/r", code=2, says="--user")
        self.fails("rank", "models/r", "--user", "1", "--top", "0", code=2)
        self.fails("predict", "models/r", code=2, says="--feature")
        self.fails("predict", "models/r", "--feature", "user_id", code=2, says="column=value")

    def test_no_arguments_print_the_help(self):
        done = self.run_podium()
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        self.assertIn("podium train", done.stdout)

    def test_unknown_help_topic(self):
        self.fails("help", "recip", says="podium help recipe")


class BadRecipe(CliTest):
    def recipe(self, old, new):
        text = (self.folder / "r.toml").read_text()
        self.assertIn(old, text)
        (self.folder / "bad.toml").write_text(text.replace(old, new))
        return "bad.toml"

    def refuses(self, old, new, says):
        self.fails("train", self.recipe(old, new), says=says)
        self.assert_nothing_left()

    def test_missing_recipe(self):
        self.fails("train", "nowhere.toml", says="nowhere.toml: cannot be read")
        self.fails("train", ".", says="folder")
        self.fails("train", "ratings.csv", says="ratings.csv:1: not TOML")

    def test_unknown_key_names_the_nearest(self):
        self.refuses("epochs = 3", "epocs = 3", "bad.toml:20: train.epocs is not a key; did you mean train.epochs?")
        self.refuses("[train]", "[trian]", "did you mean train?")
        self.fails("train", "r.toml", "--set", "train.epocs=3", says="did you mean train.epochs?")

    def test_unknown_value_names_the_nearest(self):
        self.refuses('kind = "mlp"', 'kind = "mpl"', ["bad.toml:13", 'did you mean "mlp"?'])
        self.refuses('kind = "adagrad"', 'kind = "adagrid"', 'did you mean "adagrad"?')
        self.fails("train", "r.toml", "--set", "task.loss=mean_square_error", says="mean_squared_error")
        self.fails("train", "r.toml", "--kernel", "avx51", says="avx51")

    def test_wrong_type_or_range(self):
        self.refuses("epochs = 3", 'epochs = "three"', "bad.toml:20: train.epochs is \"three\"")
        self.refuses("epochs = 3", "epochs = 0", "train.epochs is 0")
        self.refuses("batch_size = 256", "batch_size = -1", "train.batch_size is -1")
        self.refuses("test = 0.2", "test = 1.5", "data.split.test is 1.5")
        self.refuses("learning_rate = 0.1", "learning_rate = -0.1", "learning_rate")
        self.refuses("hidden = [32, 16]", "hidden = [32, 0]", "model.hidden")
        self.refuses("dim = 8", "dim = 0", "features.user_id.dim is 0")

    def test_a_name_that_cannot_be_a_folder(self):
        for name in ["a/b", "..", ".hidden", "7"]:
            self.fails("train", "r.toml", "--quiet", "--name", name, says="cannot name a model")
        self.assert_nothing_left()

    def test_memory_that_cannot_be_had(self):
        self.fails("train", "r.toml", "--set", "model.hidden=[1000000, 1000000]", says=["memory", "hidden"])
        self.assert_nothing_left()

    def test_a_loss_that_is_not_finite(self):
        done = self.run_podium("train", "r.toml", "--quiet", "--set",
                               'train.optimizer={kind="sgd",learning_rate=1e30}')
        self.assertEqual(done.returncode, 1)
        for words in ["step", "epoch", "learning_rate"]:
            self.assertIn(words, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assert_nothing_left()

    def test_initial_weights_that_do_not_fit(self):
        self.fails("train", "r.toml", "--set", "train.init=nowhere.safetensors", says="nowhere.safetensors")
        self.train("--set", "model.hidden=[4]")
        self.fails("train", "r.toml", "--set", "train.init=models/r/1/weights.safetensors", says="dense_0")


class BadData(CliTest):
    HEAD = "user_id,movie_title,user_rating\n"

    def refuses(self, content, says, name="bad.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.fails("train", "r.toml", "--quiet", "--set", f"data.path={name}", says=says)
        self.assert_nothing_left()

    def rows(self, *more):
        return self.HEAD + "".join(f"{i},f{i % 3},{i % 5 + 1}\n" for i in range(10)) + "".join(more)

    def test_missing_file(self):
        self.fails("train", "r.toml", "--quiet", "--set", "data.path=ratngs.csv", says="ratngs.csv")

    def test_missing_column_names_the_nearest(self):
        self.refuses("user_id,film_title,user_rating\n1,a,3\n", ["movie_title"])
        self.refuses("user_id,movie_titel,user_rating\n1,a,3\n", ["movie_title", "movie_titel"])

    def test_malformed_row_says_its_line(self):
        self.refuses(self.rows("10,f1\n"), "bad.csv:12")
        self.refuses(self.rows('10,"f1,3\n', "11,f1,3\n"), "bad.csv:12")

    def test_a_column_name_twice(self):
        self.refuses("user_id,movie_title,user_rating,user_id\n1,a,3,2\n", "user_id")

    def test_bytes_that_are_not_utf8(self):
        self.refuses(self.rows().encode() + b"10,f\xff,3\n", ["bad.csv:12", "UTF-8"])

    def test_nul_bytes(self):
        self.refuses(self.rows().encode() + b"10,f\x00,3\n", ["bad.csv:12", "NUL"])

    def test_a_folder_where_a_file_is_wanted(self):
        (self.folder / "csvs").mkdir()
        shutil.copy(self.folder / "ratings.csv", self.folder / "csvs")
        self.fails("train", "r.toml", "--quiet", "--set", "data.path=csvs", says="csvs")

    def test_labels_that_are_no_numbers(self):
        self.refuses(self.rows("10,f1,good\n"), ["bad.csv:12", "good"])
        self.refuses(self.rows("10,f1,inf\n"), "bad.csv:12")
        self.refuses(self.rows("10,f1,nan\n"), "user_rating")
        self.refuses(self.rows("10,f1,\n"), "user_rating")

    def test_missing_cells(self):
        self.refuses(self.rows(",f1,3\n"), "user_id")

    def test_empty_data(self):
        self.refuses("", "bad.csv")
        self.refuses(self.HEAD, "bad.csv")

    def test_one_row_cannot_be_split(self):
        self.refuses(self.HEAD + "1,a,3\n", "rows")

    def test_the_recipe_as_data(self):
        self.fails("train", "r.toml", "--quiet", "--set", "data.path=r.toml", says="r.toml")


class BadDisk(CliTest):
    def test_out_is_a_file(self):
        self.fails("train", "r.toml", "--quiet", "--out", "ratings.csv", says="ratings.csv")

    def test_unwritable_folder(self):
        if os.geteuid() == 0:
            self.fails("train", "r.toml", "--quiet", "--out", "/proc/models", says="/proc")
            return
        (self.folder / "locked").mkdir(mode=0o500)
        self.fails("train", "r.toml", "--quiet", "--out", "locked/models", says="locked")

    def test_full_disk(self):
        self.fails("predict", "nowhere", "--feature", "a=b", says="nowhere")
        self.train()
        done = subprocess.run(f'"{PODIUM}" rank models/r --user 1 > /dev/full', shell=True, cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("podium: "), done.stderr)


class BadModel(CliTest):
    QUERIES = [("rank", "--user", "1"), ("evaluate",), ("predict", "--feature", "user_id=1", "--feature", "movie_title=a")]

    def refused(self, path, says):
        for verb, *rest in self.QUERIES:
            self.fails(verb, path, *rest, says=says)

    def test_no_model(self):
        self.refused("models/nothing", "models/nothing")
        (self.folder / "empty").mkdir()
        self.refused("empty", "empty")

    def test_damaged_and_truncated_files(self):
        self.train()
        version = self.folder / "models/r/1"
        for path in sorted(p for p in version.rglob("*") if p.is_file()):
            whole = path.read_bytes()
            middle = len(whole) // 2
            for damaged in [whole[:middle], whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:]]:
                path.write_bytes(damaged)
                done = self.run_podium("rank", "models/r", "--user", "1")
                self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), f"{path}: {done.stderr}")
                done = self.run_podium("inspect", "models/r")
                self.assertEqual(done.returncode, 1, f"{path}: {done.stdout}")
            path.write_bytes(whole)
        self.ok("rank", "models/r", "--user", "1")
        self.ok("inspect", "models/r")

    def test_a_missing_and_a_foreign_file(self):
        self.train()
        version = self.folder / "models/r/1"
        (version / "extra.txt").write_text("hello")
        self.refused("models/r", "extra.txt")
        (version / "extra.txt").unlink()
        (version / "weights.safetensors").unlink()
        self.refused("models/r", "weights.safetensors")
        (self.folder / "foreign/1").mkdir(parents=True)
        (self.folder / "foreign/1/saved_model.pb").write_bytes(b"\x08\x01")
        self.refused("foreign", "foreign")

    def test_sources_that_changed(self):
        self.train()
        with open(self.folder / "ratings.csv", "a") as file:
            file.write('1,"new",3,9\n')
        self.fails("evaluate", "models/r", "--quiet", says=["ratings.csv", "changed", "--data"])
        (self.folder / "ratings.csv").unlink()
        self.fails("evaluate", "models/r", "--quiet", says="ratings.csv")


if __name__ == "__main__":
    unittest.main()
