#!/usr/bin/env python3
"""examples/movielens/fetch on a made-up data set of three films in both layouts. Needs no network."""
import contextlib
import hashlib
import importlib.machinery
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "examples" / "movielens" / "fetch"
LOADER = importlib.machinery.SourceFileLoader("fetch", str(SCRIPT))
fetch = importlib.util.module_from_spec(importlib.util.spec_from_loader("fetch", LOADER))
LOADER.exec_module(fetch)


def flags(*genres):
    return "|".join("1" if genre in genres else "0" for genre in fetch.GENRES)


OFFICIAL = {
    "u.data": b"7\t2\t5\t881250949\n8\t1\t3\t891717742\n7\t3\t1\t878887116\n",
    "u.item": ("1|Caf\u00e9, Le (1995)|01-Jan-1995||http://x|" + flags("Comedy", "Action") + "\n"
               "2|Sequel (1996) (V)|01-Jan-1996||http://y|" + flags("Sci-Fi") + "\n"
               "3|unknown||||" + flags("unknown") + "\n").encode("iso-8859-1"),
    "u.user": b"7|24|M|technician|85711\n8|53|F|other|T8H1N\n",
}
RECBOLE = {
    "inter": b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + OFFICIAL["u.data"],
    "item": ("item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
             "1\tCaf\u00e9, Le\t1995\tComedy Action\n"
             "2\tSequel (1996)\tV\tSci-Fi\n"
             "3\tunkonwn\tunkonwn\tunknown\n").encode("utf-8"),
    "user": b"user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
            b"7\t24\tM\ttechnician\t85711\n8\t53\tF\tother\tT8H1N\n",
}
EXPECTED = {
    "ratings.csv": "user_id,movie_id,movie_title,user_rating,timestamp\n"
                   "7,2,Sequel (1996) (V),5,881250949\n"
                   '8,1,"Caf\u00e9, Le (1995)",3,891717742\n'
                   "7,3,unknown,1,878887116\n",
    "movies.csv": "movie_id,movie_title,year,genres\n"
                  '1,"Caf\u00e9, Le (1995)",1995,Action|Comedy\n'
                  "2,Sequel (1996) (V),1996,Sci-Fi\n"
                  "3,unknown,,unknown\n",
    "users.csv": "user_id,age,gender,occupation,zip_code\n7,24,M,technician,85711\n8,53,F,other,T8H1N\n",
}


def texts(tables):
    return {name: fetch.csv_bytes(fetch.HEADERS[name], rows).decode("utf-8") for name, rows in tables.items()}


class Fetch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="with a space ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        checksums = {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in EXPECTED.items()}
        patch = unittest.mock.patch.object(fetch, "SHA256", checksums)
        patch.start()
        self.addCleanup(patch.stop)

    def official_folder(self, **changed):
        source = self.folder / "ml-100k"
        source.mkdir()
        for name, content in {**OFFICIAL, **changed}.items():
            (source / name).write_bytes(content)
        return source

    def run_script(self, *arguments):
        self.output, self.errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(self.output), contextlib.redirect_stderr(self.errors):
            return fetch.main([str(a) for a in arguments])

    def written(self, folder):
        return {path.name: path.read_bytes().decode("utf-8") for path in folder.iterdir()} if folder.exists() else {}

    def test_official_layout_gives_the_normalized_files(self):
        self.assertEqual(texts(fetch.from_official(OFFICIAL.__getitem__)), EXPECTED)

    def test_recbole_package_gives_the_same_bytes(self):
        # The package takes the last bracket of a title for its year, be it "(V)", video.
        wheel = self.folder / "recbole-1.2.1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for extension, content in RECBOLE.items():
                archive.writestr(f"recbole/dataset_example/ml-100k/ml-100k.{extension}", content)
        self.assertEqual(texts(fetch.read_wheel(wheel)), EXPECTED)

    def test_writes_whole_files_prints_the_licence_and_does_nothing_the_second_time(self):
        source, target = self.official_folder(), self.folder / "data"
        self.assertEqual(self.run_script("--from", source, "--to", target), 0)
        self.assertEqual(self.written(target), EXPECTED)
        self.assertIn("GroupLens", self.output.getvalue())
        before = {path: path.stat().st_mtime_ns for path in target.iterdir()}
        self.assertEqual(self.run_script("--to", target), 0)  # no source is asked
        self.assertIn("nothing to do", self.output.getvalue())
        self.assertEqual({path: path.stat().st_mtime_ns for path in target.iterdir()}, before)

    def test_a_missing_file_is_written_again(self):
        source, target = self.official_folder(), self.folder / "data"
        self.run_script("--from", source, "--to", target)
        (target / "movies.csv").unlink()
        self.assertEqual(self.run_script("--from", source, "--to", target), 0)
        self.assertEqual(self.written(target), EXPECTED)

    def test_a_file_that_somebody_made_or_changed_stays(self):
        source, target = self.official_folder(), self.folder / "data"
        target.mkdir()
        for make in [lambda path: path.write_text("movie_id\n"), lambda path: path.symlink_to("nowhere"),
                     lambda path: path.symlink_to("movies.csv.tmp")]:
            (target / "movies.csv.tmp").write_text("mine")
            make(target / "movies.csv")
            before = sorted((path.name, path.lstat().st_mtime_ns) for path in target.iterdir())
            self.assertEqual(self.run_script("--from", source, "--to", target), 1)
            self.assertIn("movies.csv is there already and is not MovieLens 100K's; move it away", self.errors.getvalue())
            self.assertEqual(sorted((path.name, path.lstat().st_mtime_ns) for path in target.iterdir()), before)
            (target / "movies.csv").unlink()
        self.assertEqual(self.run_script("--from", source, "--to", target), 0)
        self.assertEqual(self.written(target), {**EXPECTED, "movies.csv.tmp": "mine"})

    def test_another_data_set_is_refused_and_leaves_nothing(self):
        source = self.official_folder(**{"u.data": OFFICIAL["u.data"] + b"8\t2\t4\t881250950\n"})
        self.assertEqual(self.run_script("--from", source, "--to", self.folder / "data"), 1)
        self.assertIn("ratings.csv would have SHA-256", self.errors.getvalue())
        self.assertEqual(self.written(self.folder / "data"), {})

    def test_damaged_rows_are_named_by_their_line(self):
        source = self.official_folder(**{"u.data": b"7\t2\t5\t881250949\n7\t2\n"})
        self.assertEqual(self.run_script("--from", source, "--to", self.folder / "data"), 1)
        self.assertIn("u.data:2: 2 columns", self.errors.getvalue())

    def test_falls_back_to_the_package_when_the_home_is_silent(self):
        tables = fetch.from_recbole(RECBOLE.__getitem__)
        with unittest.mock.patch.object(fetch, "download_official", side_effect=TimeoutError("silent")), \
                unittest.mock.patch.object(fetch, "download_package", return_value=tables):
            self.assertEqual(self.run_script("--to", self.folder / "data"), 0)
        self.assertEqual(self.written(self.folder / "data"), EXPECTED)

    def test_says_what_to_do_when_no_source_answers(self):
        with unittest.mock.patch.object(fetch, "download_official", side_effect=TimeoutError("silent")), \
                unittest.mock.patch.object(fetch, "download_package", side_effect=fetch.FetchError("no pip")):
            self.assertEqual(self.run_script("--to", self.folder / "data"), 1)
        self.assertIn("--from", self.errors.getvalue())


if __name__ == "__main__":
    unittest.main()
