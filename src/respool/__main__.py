"""`python -m respool` and the command `respool`."""

import sys


def main() -> None:
    """Run the command line; without its libraries, which `run` does not need, say how to install them."""
    if sys.argv[1:2] == ["run"]:
        from respool.launcher import run

        run(sys.argv[2:])
    try:
        from respool.cli import app
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("respool"):
            raise
        raise SystemExit(
            f"respool's command line needs the package {error.name!r}: pip install 'respool[cli]'"
        ) from None
    app()


if __name__ == "__main__":
    main()
