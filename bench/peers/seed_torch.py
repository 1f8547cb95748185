#!/usr/bin/env python3
"""The seed job (see seed_job.py) in PyTorch, eager; prints one JSON object.

Ids are numbered by one dict per column; batches are tensors made once; the tables' gradients are dense, which for 943
and 1,664 rows is faster than sparse; Adagrad is the fused one. What is saved is all weights and vocabularies by
torch.save, synced."""
import time

STARTED = time.perf_counter()
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import torch

import seed_job
import torch_init


class RankingModel(torch.nn.Module):
    """Embeddings side by side through a stack of dense layers, drawn as Keras draws."""

    def __init__(self, vocabularies):
        super().__init__()
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(len(v) + 1, seed_job.DIM) for v in vocabularies.values())
        widths = [seed_job.DIM * len(vocabularies), *seed_job.HIDDEN, 1]
        self.stack = torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in zip(widths, widths[1:]))
        torch_init.draw(self.tables, self.stack)

    def forward(self, ids):
        x = torch.cat([table(column) for table, column in zip(self.tables, ids)], 1)
        for layer in self.stack[:-1]:
            x = torch.relu_(layer(x))
        return self.stack[-1](x).squeeze(1)


def epoch(model, optimizer, batches):
    begun = time.perf_counter()
    for *ids, labels in batches:
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(model(ids), labels).backward()
        optimizer.step()
    return time.perf_counter() - begun


def main():
    options = seed_job.arguments(__doc__)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    watch = seed_job.Stopwatch(STARTED)
    watch.lap("import")

    columns = seed_job.read(options.ratings)
    watch.lap("read")

    vocabularies, rows = {}, []
    for feature in seed_job.FEATURES:
        vocabularies[feature] = seed_job.vocabulary(columns[feature])
        index = {value: i for i, value in enumerate(vocabularies[feature], 1)}
        rows.append(torch.tensor(list(map(index.__getitem__, columns[feature])), dtype=torch.int32))
    rows.append(torch.tensor(list(map(float, columns[seed_job.LABEL]))))
    order = torch.randperm(len(rows[-1]))
    rows = [column[order] for column in rows]
    train = list(zip(*(column[seed_job.TEST:].split(seed_job.BATCH) for column in rows)))
    test = [column[:seed_job.TEST] for column in rows]
    watch.lap("encode")

    model = RankingModel(vocabularies)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1, initial_accumulator_value=0.1, eps=1e-7, fused=True)
    epochs = [epoch(model, optimizer, train) for _ in range(seed_job.EPOCHS)]
    watch.lap("fit")

    with torch.inference_mode():
        errors = [model(ids) - labels for *ids, labels in zip(*(column.split(seed_job.BATCH) for column in test))]
        rmse = torch.cat(errors).square().mean().sqrt().item()
    watch.lap("evaluate")

    seed_job.save_synced(options.out / "model.pt", lambda file: torch.save(
        {"weights": model.state_dict(), "vocabularies": vocabularies}, file))
    watch.lap("save")
    result = watch.result(test_rmse=rmse, epochs=epochs, threads=options.threads,
                          versions={"torch": torch.__version__})

    if options.steady:
        result["steady_epochs"] = [epoch(model, optimizer, train) for _ in range(options.steady)]
    seed_job.print_result(result)


if __name__ == "__main__":
    main()
