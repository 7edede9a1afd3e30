"""Run every `bench_*.py` here and print each time beside its floor; exit 1 on any error or a limit not kept."""

import argparse
import importlib
import sys
from collections import Counter
from pathlib import Path

from bench.timing import Compared


def main(arguments: list[str]) -> int:
    """Run the benches whose names hold one of the words given, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="run only the benches whose name holds a WORD")
    words = parser.parse_args(arguments).words
    names = [path.stem for path in sorted(Path(__file__).parent.glob("bench_*.py"))]
    chosen = [name for name in names if not words or any(word in name for word in words)]
    if not chosen:
        print(f"No bench is called so. There are: {', '.join(names)}", file=sys.stderr)
        return 2
    print(f"{'':48} {'ours':>10} {'floor':>10} {'ratio':>8}  floor is")
    results = [result for name in chosen for result in _run(name)]
    return 0 if all(result.is_within for result in results) else 1


def _run(name: str) -> list[Compared]:
    results: list[Compared] = []
    for result in importlib.import_module(f"bench.{name}").run():
        held = [] if result.limit is None else [f"at most {result.limit:g}"]
        if result.processor is not None and result.most_processor is not None:
            held.append(f"{_ms(result.processor).strip()} of processor, at most {_ms(result.most_processor).strip()}")
        kept = f" ({'; '.join(held)}{'' if result.is_within else ': NOT KEPT'})" if held else ""
        figures = f"{_ms(result.ours)} {_ms(result.floor)} {result.ratio:7.2f}×"
        print(f"{result.name:48} {figures}  {result.floor_name}{kept}", flush=True)
        for says, n in Counter(result.errors).items():
            print(f"{result.name}: {n} × {says}", file=sys.stderr)
        results.append(result)
    return results


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms".rjust(10)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
