#!/usr/bin/env python3
"""The verb export: what it writes, replaces and refuses. What is in the files: tests/interop and conformance/."""
import json
import unittest

from podium_cli import CliTest

FILES = {"onnx": "model.onnx", "npz": "weights.npz", "safetensors": "weights.safetensors"}


class Export(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.train()["model"]

    def test_writes_each_format_with_a_manifest_and_says_so(self):
        for name, file in FILES.items():
            said = self.json("export", self.model, "--format", name, "--to", f"out {name}")
            self.assertEqual((said["format"], said["to"]), (name, f"out {name}"))
            self.assertEqual({path.name for path in (self.folder / f"out {name}").iterdir()}, {file, "MANIFEST"})

    def test_a_rank_graph_is_another_graph_and_replaces_the_one_before(self):
        self.ok("export", self.model, "--format", "onnx", "--to", "out")
        before = (self.folder / "out" / "model.onnx").read_bytes()
        self.ok("export", self.model, "--format", "onnx", "--graph", "rank", "--to", "out")
        after = (self.folder / "out" / "model.onnx").read_bytes()
        self.assertNotIn(b"top_items", before)
        self.assertIn(b"top_items", after)

    def test_inspect_says_what_an_onnx_model_holds_and_what_is_wrong_with_it(self):
        self.ok("export", self.model, "--format", "onnx", "--to", "out")
        said = self.ok("inspect", "out").stdout
        for words in ["made by       podium", "input         user_id  string [batch]", "ai.onnx.ml.LabelEncoder",
                      "sound: every checksum agrees"]:
            self.assertIn(words, said)
        whole = (self.folder / "out" / "model.onnx").read_bytes()
        (self.folder / "other.onnx").write_bytes(whole)
        self.assertIn("input         user_id  string [batch]", self.ok("inspect", "other.onnx").stdout)
        (self.folder / "other.onnx").write_bytes(whole[:-1])
        done = self.run_podium("inspect", "other.onnx")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is no ONNX model", done.stderr)

    def test_inspect_says_in_json_what_each_export_is(self):
        for name in [*FILES, "savedmodel"]:
            self.ok("export", self.model, "--format", name, "--to", "out")
            said = self.json("inspect", "out")
            self.assertEqual((said["kind"], said["format"], said["sound"]), ("export", name, True))
        self.assertEqual([value["name"] for value in said["signatures"][0]["inputs"]], ["movie_title", "user_id"])
        (self.folder / "out" / "saved_model.pb").write_bytes(b"x")
        done = self.run_podium("inspect", "out", "--json")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        self.assertFalse(json.loads(done.stdout)["sound"])

    def test_equal_models_give_equal_bytes(self):
        for name, file in FILES.items():
            for place in ("one", "two"):
                self.ok("export", self.model, "--format", name, "--to", place)
            self.assertEqual((self.folder / "one" / file).read_bytes(), (self.folder / "two" / file).read_bytes())

    def test_refuses_other_opsets_other_places_and_models_that_are_not_there(self):
        self.fails("export", self.model, "--format", "onnx", "--opset", 16, "--to", "out", says=["opset 16", "17 to 21"])
        self.assertFalse((self.folder / "out").exists())
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "notes.txt").write_text("mine")
        self.fails("export", self.model, "--format", "npz", "--to", "mine", says="no export of Podium's")
        self.fails("export", self.model, "--format", "onnx", "--to", self.model, says="a model of Podium's")
        self.fails("export", "models/nothing", "--format", "onnx", "--to", "out", says="nothing")

    def test_refuses_flags_of_another_format(self):
        of_format = {"--with-optimizer": "savedmodel", "--graph": "onnx", "--opset": "onnx"}
        values = {"--graph": ["predict"], "--opset": ["17"]}  # the defaults too
        for flag, owner in of_format.items():
            for other in ["savedmodel", *FILES]:
                if other == owner:
                    continue
                self.fails("export", self.model, "--format", other, "--to", "out", flag, *values.get(flag, []), code=2,
                           says=[flag, f"is for --format {owner}, not for {other}", "podium help export"])
            self.ok("export", self.model, "--format", owner, "--to", f"out {flag}", flag, *values.get(flag, []))
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
