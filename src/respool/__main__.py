"""`python -m respool` and the command `respool`."""


def main() -> None:
    """Run the command line; without its libraries, say how to install them."""
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
