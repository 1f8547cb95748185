"""What a folder holds, to compare before and after."""
import os
import pathlib
import stat


def snapshot(folder):
    """Everything below a folder: path to kind and permissions, and the bytes or where a link leads."""
    held = {}
    for path in pathlib.Path(folder).rglob("*"):
        mode = path.lstat().st_mode
        content = os.readlink(path) if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else None
        held[str(path.relative_to(folder))] = mode, content
    return held
