"""Turns measurements into the tables of docs/benchmarks.md."""
import scoring
import seed
import wide


def table(header, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ratio(value, base):
    return f"{value / base:.2f}x" if value and base else "-"


def seconds(value):
    return f"{value:.3f} s" if value >= 0.1 else f"{1000 * value:.1f} ms"


def megabytes(value):
    return f"{value / 1e6:.0f} MB"


def against_podium(summary, key, field):
    """How many times as long as Podium in fp32 with as many threads."""
    base = summary.get(("Podium fp32", key[1]))
    return ratio(summary[key][field], base[field]) if base else "-"


def whole_table(summary):
    rows = [[name, str(n), seconds(each["wall"]), against_podium(summary, (name, n), "wall"),
             megabytes(each["memory"]), f"{each['rmse']:.4f}"] for (name, n), each in summary.items()]
    return table(["whole process", "threads", "time", "Podium = 1", "peak memory", "test RMSE"], rows)


def parts_table(summary):
    parts = ["import"]
    for each in summary.values():
        parts += [p for p in each["parts"] if p not in parts and p != "total"]
    rows = [[name, str(n)] + [seconds(each["parts"][p]) if p in each["parts"] else "-" for p in parts]
            for (name, n), each in summary.items()]
    return table(["parts", "threads"] + parts, rows)


def compute_table(what, summary, flop, peaks):
    """Median and best of a repeated piece of work, and the share of the fp32 FMA peak that the best reached."""
    rows = []
    for (name, n), each in summary.items():
        share = f"{100 * flop / each['best'] / 1e9 / peaks[n]:.0f} %"
        rows.append([name, str(n), seconds(each["median"]), seconds(each["best"]),
                     against_podium(summary, (name, n), "median"), share])
    return table([what, "threads", "median", "best", "Podium = 1", "share of fp32 peak, best"], rows)


def microseconds(value):
    return f"{1e6 * value:.1f} us"


def scoring_table(summary):
    requests = {"user": "one user's candidates", "pairs": "pairs of users and items"}
    rows = [[requests[what], str(n), *(microseconds(each[side][q]) for side in scoring.SIDES for q in ("p50", "p99")),
             f"{each['ratio']:.2f}x"] for (what, n), each in summary.items()]
    return table(["a request's", "rows", "Podium p50", "p99", "ONNX Runtime p50", "p99", "ratio of p50"], rows)


def export_table(summary):
    def beside_copy(wall, tables):
        copied = summary.get(("cp and sync", tables))
        return ratio(wall, copied["wall"]) if copied else "-"
    rows = [[side, str(tables), seconds(each["wall"]), beside_copy(each["wall"], tables), megabytes(each["memory"]),
             f"{each['memory'] / each['table']:.2f}"] for (side, tables), each in summary.items()]
    return table(["export", "tables", "time", "cp and sync = 1", "peak memory", "in tables"], rows)


def document(facts, results, errors):
    """The whole page. facts: {label: text}; results: {"whole", "steady", "wide", "peaks", "help"}, what was run."""
    peaks, parts = results["peaks"], []
    parts.append("""# Benchmarks

Written by `bench/run --write`; `make bench` measures again and prints the same tables. Whole processes of all sides
alternate on one machine; times are medians, memory is the greatest. A ratio says how many times as long as Podium in
fp32 with as many threads. Nothing is pinned: a peer's helper threads may use a second core when it is told one thread.""")
    parts.append("\n".join(f"- {label}: {text}" for label, text in facts.items()) + "\n- FMA peak measured in the same run: "
                 + ", ".join(f"{peak:.0f} GFLOPS on {n} thread{'s' * (n > 1)}" for n, peak in peaks.items()))
    if "whole" in results:
        parts.append("## The seed job: MovieLens 100K\n\nRead, split, number, train 3 epochs in batches of 8,192, evaluate "
                     "20,000 rows, save and sync. TFRS and PyTorch do the same in bench/peers/.")
        parts += [whole_table(results["whole"]), parts_table(results["whole"])]
    if "steady" in results:
        parts.append(f"One epoch once all is warm: 80,000 rows, {seed.FLOP_PER_EPOCH / 1e9:.1f} GFLOP in dense layers.")
        parts.append(compute_table("steady epoch", results["steady"], seed.FLOP_PER_EPOCH, peaks))
    if "wide" in results:
        parts.append("## The wide job\n\n20 tables of 100 to 1,000,000 rows with Zipf ids, dim 32, beside 13 numbers; 512, 256, "
                     f"1; Adagrad; batches of 8,192; {wide.FLOP_PER_STEP / 1e9:.1f} GFLOP in dense layers a step.")
        parts.append(compute_table("step", results["wide"], wide.FLOP_PER_STEP, peaks))
        parts.append("Peak memory: " + ", ".join(
            f"{name} ({n}) {megabytes(each['memory'])}" for (name, n), each in results["wide"].items()) + ".")
    if "scoring" in results:
        floor = scoring.FLOP_PER_ROW * 1000 / peaks[min(peaks)] / 1e9
        parts.append("## Scoring\n\nThe seed job's model, from strings to scores on one thread: Scorer's `user()`, `item()` and "
                     "`score()`; ONNX Runtime on `podium export --format onnx`, by its C interface, its tensors made once and "
                     "filled again. Both answer first and agree to 1e-5; the sides take turns in one process. What each "
                     "user and each item adds to the first layer is computed when the Scorer is made, so that a pair's first "
                     f"layer is a sum of two rows. All multiply-adds of 1,000 pairs take {microseconds(floor)} at the FMA peak "
                     f"that was measured, those of the layers after the first {microseconds(floor * scoring.AFTER_FIRST)}.")
        parts.append(scoring_table(results["scoring"]))
    if results.get("export"):
        total = max(each["table"] * tables for (_, tables), each in results["export"].items())
        parts.append(f"## Exports of large tables\n\n{total / 2**20:.0f} MB of weights in one table or in four of equal size, "
                     "exported and synced, beside a copy of the model's directory; each row of a table has a value in the "
                     "vocabulary. Memory is that of `podium export`, also as a multiple of one table.")
        parts.append(export_table(results["export"]))
    if "help" in results:
        parts.append(f"`podium --help` takes {seconds(results['help'])} (median of 20).")
    if errors:
        parts.append("Not measured or not right:\n\n" + "\n".join(f"- {who}: {why}" for who, why in errors.items()))
    return "\n\n".join(parts) + "\n"
