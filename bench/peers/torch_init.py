"""The initial weights of the PyTorch peers."""
import torch


def draw(tables, layers):
    """As Keras draws: tables uniform in [-0.05, 0.05], kernels Glorot uniform, biases 0."""
    for table in tables:
        torch.nn.init.uniform_(table.weight, -0.05, 0.05)
    for layer in layers:
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
