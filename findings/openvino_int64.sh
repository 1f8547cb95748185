#!/usr/bin/env bash
# OpenVINO 2026.4.1 on a CPU (Python 3.11): int64 tensors are computed in 32 bits, and what does not fit becomes another
# number in two ways: an input keeps its lower 32 bits, a constant saturates. So an id beyond 32 bits is not equal to
# itself, and equal to another one. ONNX's own reference keeps them apart.
#   seen: 5000000000 == 5000000000 is False, 5000000000 == 705032704 is True, 5000000000 + 0 is 705032704
# What it means for Podium's users: an export whose integer vocabulary has ids beyond 32 bits gives other scores there
# (docs/from-podium-to-tf-serving.md); number such ids anew.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openvino==2026.4.1 onnx==1.23.2 numpy==2.4.6
cd "$folder"
cat > seen.py << 'PYTHON'
import numpy as np
import onnx
import openvino
from onnx import TensorProto, helper, reference



def is_equal(known, given):
    """By OpenVINO, and by ONNX's reference."""
    graph = helper.make_graph(
        [helper.make_node("Equal", ["id", "known"], ["same"]), helper.make_node("Cast", ["same"], ["out"], to=TensorProto.FLOAT)],
        "equal", [helper.make_tensor_value_info("id", TensorProto.INT64, [1])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1])],
        [helper.make_tensor("known", TensorProto.INT64, [1], [known])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, "equal.onnx")
    ids = np.array([given], np.int64)
    there = openvino.compile_model("equal.onnx", "CPU")([ids])[0][0]
    return bool(there), bool(reference.ReferenceEvaluator(model).run(None, {"id": ids})[0][0])


seen = [is_equal(5_000_000_000, 5_000_000_000), is_equal(705_032_704, 5_000_000_000)]
print("5000000000 == 5000000000:", *seen[0], " 705032704 == 5000000000:", *seen[1], " (OpenVINO, reference)")
assert seen == [(False, True), (True, False)], "OpenVINO changed: mend docs/from-podium-to-tf-serving.md"
PYTHON
"$folder/venv/bin/python" seen.py
