"""`podium import`: another program's model becomes one that predict and rank answer from."""
import json
import random
import re
import shutil
import struct
import unittest

from podium_cli import CliTest, SOURCE

GOLDEN = SOURCE / "tests" / "interop" / "golden"


def write_safetensors(path, tensors):
    """{name: (shape, values)} as float32."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        bytes_ = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Import(CliTest):
    def imported(self, name, *more):
        return self.json("import", str(GOLDEN / name), "--to", "models/theirs", *more)

    def test_an_imported_model_predicts_and_ranks(self):
        for name in ("tfrs", "keras3_file.keras"):
            golden = json.loads((GOLDEN / (name.split(".")[0] + ".json")).read_text(encoding="utf-8"))
            result = self.imported(name)
            self.assertEqual((result["user"], result["item"], result["optimizer"]), ("user", "title", True))
            for user, film, score in zip(golden["columns"]["user"], golden["columns"]["title"], golden["scores"]):
                row = self.json("predict", "models/theirs", "--feature", f"user={user}", "--feature", f"title={film}")
                self.assertAlmostEqual(row["predictions"][0]["score"], score, delta=1e-5)
            ranking = self.json("rank", "models/theirs", "--user", "42", "--top", "2")["ranking"]
            self.assertEqual(len(ranking), 2)
            self.assertIn("sound", self.ok("inspect", "models/theirs").stdout)

    def test_a_retrieval_index_ranks_its_own_titles(self):
        golden = json.loads((GOLDEN / "tfrs_index.json").read_text(encoding="utf-8"))
        result = self.imported("tfrs_index", "--item", "movie_title")
        self.assertEqual((result["user"], result["item"]), ("input_1", "movie_title"))
        for user, titles in golden["ranking"].items():
            ranking = self.json("rank", "models/theirs", "--user", user, "--top", "2")["ranking"]
            self.assertEqual([row["movie_title"] for row in ranking], titles[:2])
        self.fails("import", str(GOLDEN / "tfrs_index"), "--to", "models/theirs", "--item", "input_1", says="--item")

    def test_an_output_and_a_signature_are_chosen_by_name(self):
        self.assertEqual(self.json("inspect", self.imported("tfrs", "--output", "output_1")["model"])["outputs"], ["output_1"])
        self.fails("import", str(GOLDEN / "tfrs"), "--to", "models/theirs", "--output", "score", says='it has "output_1"')
        self.fails("import", str(GOLDEN / "tfrs"), "--to", "models/theirs", "--signature", "score", says='it has "serving_default"')
        self.fails("import", str(GOLDEN / "keras3_file.keras"), "--to", "models/theirs", "--signature", "serve", says="leave out --signature")

    def test_an_empty_cell_is_the_mask_where_the_model_has_one(self):
        (self.folder / "pairs.csv").write_text('user,title\n42,""\n42,\n42,Up\n', encoding="utf-8")
        self.imported("keras3_file.keras")
        scores = [row["score"] for row in self.json("predict", "models/theirs", "--input", "pairs.csv")["predictions"]]
        self.assertEqual(scores[0], scores[1])
        self.assertNotEqual(scores[0], scores[2])
        self.imported("tfrs")  # whose layers have no mask
        self.fails("predict", "models/theirs", "--input", "pairs.csv", says="title is missing")

    def test_every_import_is_the_next_version(self):
        self.assertTrue(self.imported("tfrs")["model"].endswith("/1"))
        self.assertTrue(self.imported("tfrs")["model"].endswith("/2"))

    def test_the_roles_are_told(self):
        result = self.imported("tfrs", "--user", "title", "--item", "user")
        self.assertEqual((result["user"], result["item"]), ("title", "user"))
        self.fails("import", str(GOLDEN / "tfrs"), "--to", "models/theirs", "--user", "nobody", says="nobody")

    def test_what_cannot_be_imported_is_named_and_nothing_is_written(self):
        self.fails("import", "nowhere", "--to", "models/theirs", says="nowhere")
        self.fails("import", "ratings.csv", "--to", "models/theirs", says=".keras")
        shutil.copytree(GOLDEN / "tfrs", self.folder / "copy")
        (self.folder / "copy/variables/variables.data-00000-of-00001").write_bytes(b"")
        self.fails("import", "copy", "--to", "models/theirs", says="variables.index")
        self.assertFalse((self.folder / "models/theirs").exists())

    def test_the_layouts_of_the_page_are_good(self):
        """docs/from-pytorch-to-podium.md, with weights of its shapes."""
        page = (SOURCE / "docs" / "from-pytorch-to-podium.md").read_text(encoding="utf-8")
        layouts = re.findall(r"<!-- layout -->\n```toml\n(.*?)```", page, re.DOTALL)
        self.assertEqual(len(layouts), 2)
        draw = random.Random(7)

        def tensors(**shapes):
            made = {}
            for name, shape in shapes.items():
                count = 1
                for size in shape:
                    count *= size
                made[name.replace("__", ".")] = (shape, [draw.uniform(-1, 1) for _ in range(count)])
            return made

        (self.folder / "users.txt").write_text("1\n42\n", encoding="utf-8")
        (self.folder / "movies.txt").write_text("Speed (1994)\nUp\n", encoding="utf-8")
        weights = tensors(user_table__weight=[3, 32], movie_table__weight=[3, 32], mlp__0__weight=[256, 64],
                          mlp__0__bias=[256], mlp__2__weight=[1, 256], mlp__2__bias=[1])
        write_safetensors(self.folder / "mlp.safetensors", weights)
        (self.folder / "mlp.toml").write_text(layouts[0], encoding="utf-8")
        self.json("import", "mlp.safetensors", "--recipe", "mlp.toml", "--to", "models/mlp")
        got = self.json("predict", "models/mlp", "--feature", "user_id=42", "--feature", "movie_title=never seen")
        row = weights["user_table.weight"][1][64:96] + weights["movie_table.weight"][1][0:32]
        kernel, bias = weights["mlp.0.weight"][1], weights["mlp.0.bias"][1]
        hidden = [max(0.0, b + sum(x * w for x, w in zip(row, kernel[64 * o:64 * o + 64]))) for o, b in enumerate(bias)]
        score = weights["mlp.2.bias"][1][0] + sum(h * w for h, w in zip(hidden, weights["mlp.2.weight"][1]))
        self.assertAlmostEqual(got["predictions"][0]["score"], score, delta=1e-4)

        weights = tensors(users__weight=[3, 2], movies__weight=[2, 2], user_biases__weight=[3, 1], movie_biases=[2], mean=[])
        write_safetensors(self.folder / "dot.safetensors", weights)
        (self.folder / "dot.toml").write_text(layouts[1], encoding="utf-8")
        self.json("import", "dot.safetensors", "--recipe", "dot.toml", "--to", "models/dot")
        got = self.json("predict", "models/dot", "--feature", "user_id=2", "--feature", "movie_id=1")
        user, movie = weights["users.weight"][1][4:6], weights["movies.weight"][1][2:4]
        score = (user[0] * movie[0] + user[1] * movie[1] + weights["user_biases.weight"][1][2] +
                 weights["movie_biases"][1][1] + weights["mean"][1][0])
        self.assertAlmostEqual(got["predictions"][0]["score"], score, delta=1e-5)

    def test_weights_need_a_layout_that_fits(self):
        weights, layout = GOLDEN / "torch_mlp.safetensors", GOLDEN / "torch_mlp.toml"
        self.fails("import", weights, "--to", "models/theirs", says="--recipe")
        self.fails("import", weights, "--recipe", "none.toml", "--to", "models/theirs", says="none.toml")
        self.fails("import", GOLDEN / "tfrs", "--recipe", layout, "--to", "models/theirs", says="directory")
        self.fails("import", "ratings.csv", "--recipe", layout, "--to", "models/theirs", says=".safetensors")
        text = layout.read_text(encoding="utf-8").replace('"torch_users.txt"', '["1", "42", "7", "é"]')
        (self.folder / "typo.toml").write_text(text.replace("mlp.2", "mpl.2"), encoding="utf-8")
        self.fails("import", weights, "--recipe", "typo.toml", "--to", "models/theirs", says=("typo.toml:12", "mlp.2.weight"))
        self.assertFalse((self.folder / "models/theirs").exists())
        self.ok("import", weights, "--recipe", layout, "--to", "models/theirs")

    def test_weights_in_several_files_are_those_of_one(self):
        tensors = {"user_table.weight": ([3, 1], [1, 10, 100]), "movie_table.weight": ([2, 1], [2, 20])}
        (self.folder / "layout.toml").write_text(
            '[columns]\nuser = { vocabulary = ["a", "b"], unknown = 0 }\nmovie = { vocabulary = ["x", "y"] }\n'
            '[layers]\nu = { kind = "embedding", column = "user", tensors = "user_table" }\n'
            'm = { kind = "embedding", column = "movie", tensors = "movie_table" }\n'
            'score = { kind = "dot", inputs = ["u", "m"] }\n', encoding="utf-8")
        files = {name: f"model-0000{i}-of-00002.safetensors" for i, name in enumerate(tensors, 1)}
        for name, file in files.items():
            write_safetensors(self.folder / file, {name: tensors[name]})
        index = self.folder / "model.safetensors.index.json"
        index.write_text(json.dumps({"metadata": {"total_size": 20}, "weight_map": files}), encoding="utf-8")
        self.fails("import", index, "--to", "models/theirs", says="--recipe")
        self.json("import", index, "--recipe", "layout.toml", "--to", "models/theirs")
        got = self.json("predict", "models/theirs", "--feature", "user=b", "--feature", "movie=y")
        self.assertEqual(got["predictions"][0]["score"], 2000)
        (self.folder / files["movie_table.weight"]).unlink()
        self.fails("import", index, "--recipe", "layout.toml", "--to", "models/theirs",
                   says=(index.name, "model-00002-of-00002.safetensors"))


if __name__ == "__main__":
    unittest.main()
