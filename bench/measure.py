"""Runs a command as a whole process and measures it from outside; turns repeated measurements into one."""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time


class Failed(Exception):
    """A contestant did not run, or what it computed is not right."""


def run(command, threads):
    """{"json": what it printed, "wall": seconds from fork to exit, "memory": peak resident bytes}."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            last = err.read().decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise Failed(f"exit code {process.returncode}: {last[0]}")
        text = out.read().decode()
    # A peer's libraries may talk on stdout first; the object is the last line, or all that there is.
    lines = text.strip().splitlines()
    try:
        result = json.loads(lines[-1]) if lines else None
    except ValueError:
        result = json.loads(text)
    return {"json": result, "wall": wall, "memory": usage.ru_maxrss * 1024}


def alternate(contestants, rounds, say):
    """Runs every contestant once a round, so that a machine that slows down slows all of them.
    contestants: {name: function without arguments that measures once}. Returns ({name: results}, {name: error});
    who fails once is not run again."""
    results, errors = {name: [] for name in contestants}, {}
    for number in range(rounds):
        say(f"  round {number + 1} of {rounds}")
        for name, once in contestants.items():
            if name in errors:
                continue
            try:
                results[name].append(once())
            except (Failed, OSError, KeyError, ValueError) as error:
                errors[name] = f"{type(error).__name__}: {error}"
                say(f"    {name} FAILED: {errors[name]}")
    return {name: each for name, each in results.items() if name not in errors}, errors


def median(values):
    return statistics.median(list(values))


def machine():
    """What the figures were measured on, in one line each."""
    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    widest = next((name for name, flag in (("AVX-512 with AMX", "amx_tile"), ("AVX-512", "avx512f"), ("AVX2", "avx2"))
                   if f" {flag}" in flags), "no AVX2")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": f"{cpu}, {len(os.sched_getaffinity(0))} cores, {widest}", "memory": f"{memory:.0f} GB",
            "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"}


def fma_peak(source, binary, threads):
    """GFLOPS of the cores' FMA units in this very run."""
    command = ["g++", "-std=c++20", "-O3", "-march=native", "-pthread", str(source), "-o", str(binary)]
    if not binary.is_file() or binary.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(command, check=True)
    return run([binary, threads], threads)["json"]["gflops"]
