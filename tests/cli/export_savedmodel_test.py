"""podium export --format savedmodel; that TensorFlow loads it is conformance/savedmodel.py's affair."""
import unittest

import podium_cli


class ExportSavedModelTest(podium_cli.CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.train("--set", "train.epochs=1")["model"]

    def files(self, name):
        root = self.folder / name
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    def test_writes_the_directory_that_tensorflow_loads(self):
        printed = self.json("export", "models/r", "--format", "savedmodel", "--to", "exported/r/1")
        self.assertEqual(printed, {"model": "models/r/1", "format": "savedmodel", "to": "exported/r/1"})
        self.assertEqual(sorted(self.files("exported/r/1")),
                         ["MANIFEST", "saved_model.pb", "variables/variables.data-00000-of-00001",
                          "variables/variables.index"])

    def test_replaces_its_own_export_and_nothing_else(self):
        self.ok("export", "models/r", "--format", "savedmodel", "--to", "out")
        first = self.files("out")
        self.ok("export", "models/r", "--format", "savedmodel", "--to", "out", "--with-optimizer")
        self.ok("export", "models/r", "--format", "savedmodel", "--to", "out")
        self.assertEqual(self.files("out"), first)
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "notes.txt").write_text("keep me")
        self.fails("export", "models/r", "--format", "savedmodel", "--to", "mine", says="no export of Podium's")
        self.assertEqual(self.files("mine"), {"notes.txt": b"keep me"})

    def test_says_when_there_are_no_accumulators(self):
        self.train("--set", 'train.optimizer={ kind = "adam" }', out="adam")
        self.fails("export", "adam/r", "--format", "savedmodel", "--to", "out", "--with-optimizer",
                   says=["adam/r/1", "no accumulators of Adagrad", "its optimizer was adam"])
        self.assertFalse((self.folder / "out").exists())
        self.train("--set", 'train.optimizer={ kind = "adagrad", row_wise = true }', out="rows")
        self.fails("export", "rows/r", "--format", "savedmodel", "--to", "out", "--with-optimizer", says="row_wise")


if __name__ == "__main__":
    unittest.main()
